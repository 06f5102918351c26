using DataLayer.Engines.Lake;
using DataLayer.Ingest;
using DataLayer.Query;
using DataLayer.Query.Sql;
using SessionOptions = DataLayer.Ingest.Sessions.SessionOptions;

namespace DataLayer.Daemon.Options;

/// <summary>What the daemon's options say to each component, in the component's own words.</summary>
internal static class ComponentOptions
{
    public static IngestOptions Ingest(DaemonOptions options, string dataDirectory) => new()
    {
        DataDirectory = dataDirectory,
        Shards = options.Hot.Shards,
        RingSlots = options.Hot.RingSlots,
        InFlightBytesMax = options.Hot.InFlightBytes,
        HotBytesMax = options.Hot.MaxBytes,
        SeriesMax = options.Limits.Series,
        SeriesPerAgentMax = options.Limits.SeriesPerAgent,
        SegmentBytes = options.Log.SegmentBytes,
        LogBytesMax = options.Log.MaxBytes,
    };

    public static SessionOptions Sessions(DaemonOptions options) => new()
    {
        ServerName = "datalayerd " + DaemonVersion.Text,
        MaxMessageBytes = options.Limits.MaxMessageBytes,
        MaxBatchBytes = options.Limits.MaxBatchBytes,
        MaxSchemaSeries = options.Limits.SeriesPerSchema,
        MaxSchemas = options.Limits.Schemas,
        MaxSchemaBytes = options.Limits.SchemaBytes,
        MaxGatheredBytes = options.Limits.UnfinishedBytes,
        RequireToken = options.Tcp.Token.Length > 0,
        HelloTimeout = options.Tcp.HelloTimeout,
        IdleTimeout = options.Tcp.UnfinishedMessageTimeout,
        MinTimeMicros = TimeExpression.ToMicros(options.Limits.MinTime),
        MaxFuture = options.Limits.MaxFuture,
    };

    public static LakeOptions Lake(DaemonOptions options, string dataDirectory) => new()
    {
        Directory = Path.Combine(dataDirectory, "lake"),
        RawRetention = Limit(options.Lake.RawRetention),
        EventRetention = Limit(options.Lake.EventRetention),
        RollupMinuteRetention = Limit(options.Lake.MinuteRetention),
        RollupHourRetention = Limit(options.Lake.HourRetention),
        RawBytesMax = Limit(options.Lake.MaxRawBytes),
        RollupMinuteBytesMax = Limit(options.Lake.MaxMinuteBytes),
        RollupHourBytesMax = Limit(options.Lake.MaxHourBytes),
        SketchMetrics = options.Lake.SketchMetrics,
        CacheBytes = options.Lake.CacheBytes,
    };

    public static LakeFlusherOptions Flusher(DaemonOptions options) => new()
    {
        FlushInterval = options.Lake.FlushInterval,
        FlushSamples = options.Lake.FlushSamples,
    };

    public static QueryOptions Queries(DaemonOptions options) => new()
    {
        TimeLimit = options.Query.Timeout,
        RowLimitMax = options.Query.MaxRows,
        ConcurrencyMax = options.Query.Concurrency,
        ThreadsMax = options.Query.Threads,
    };

    public static SqlOptions Sql(DaemonOptions options) => new()
    {
        TimeLimit = options.Query.Timeout,
        MemoryLimitBytes = options.Query.MemoryBytes,
        RowLimit = options.Query.MaxRows,
        ConcurrencyMax = options.Query.Concurrency,
        QueueMax = options.Query.MaxWaiting,
    };

    /// <summary>In configuration 0 says "no limit"; the lake says null.</summary>
    private static TimeSpan? Limit(TimeSpan value) => value == TimeSpan.Zero ? null : value;

    private static long? Limit(long value) => value == 0 ? null : value;
}
