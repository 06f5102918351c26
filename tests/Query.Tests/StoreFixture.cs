using System.IO.Pipelines;
using System.Text;
using DataLayer.Engines;
using DataLayer.Engines.Lake;
using DataLayer.Ingest;
using DataLayer.Ingest.Shards;
using DataLayer.Protocol;
using DataLayer.Query.Samples;
using DataLayer.Query.Sql;

namespace DataLayer.Query.Tests;

/// <summary>The real thing in a folder of its own: registry, log, hot store, lake, and both query services.</summary>
internal sealed class StoreFixture : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("datalayer-query-").FullName;
    private int _agentCount;
    private SealedGeneration? _sealed;

    private StoreFixture(SqlOptions? sql, QueryOptions? query, TimeSpan? rawRetention, TimeProvider time)
    {
        var options = new IngestOptions { DataDirectory = _folder, Shards = 2, RingSlots = 64, SegmentBytes = 1 << 20 };
        var start = IngestStore.Load(options);
        Lake = new LakeEngine(new LakeOptions { Directory = LakeFolder, RawRetention = rawRetention, RollupMinuteRetention = null, SketchMetrics = ["latency"] }, start.Registry, time);
        Lake.OpenAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
        Pipeline = start.Start(Lake.Position, Lake.ReadLastTimes(), TimeProvider.System);
        Query = new QueryService(Pipeline, Lake, query);
        Sql = new SqlService(Pipeline, Lake, sql);
    }

    public string LakeFolder => Path.Combine(_folder, "lake");

    public LakeEngine Lake { get; }

    public IngestPipeline Pipeline { get; }

    public QueryService Query { get; }

    public SqlService Sql { get; }

    public static StoreFixture Open(SqlOptions? sql = null, QueryOptions? query = null, TimeSpan? rawRetention = null, TimeProvider? time = null) =>
        new(sql, query, rawRetention, time ?? TimeProvider.System);

    public int Series(string name, params (string Name, string Value)[] labels)
    {
        var key = SeriesKey.Of(name, labels.Select(label => KeyValuePair.Create(label.Name, label.Value)));
        Pipeline.Registry.GetOrAdd(key, ref _agentCount, int.MaxValue, out var series);
        return series;
    }

    /// <summary>Stores samples as one record and waits until it is durable and visible.</summary>
    public async Task StoreAsync(params (int Series, long Time, double Value)[] samples)
    {
        var record = Pipeline.Rent();
        foreach (var (series, time, value) in samples) record.AddSample(series, time, value);
        await PublishAsync(record);
    }

    public async Task StoreAsync(int series, long time, double value, float quality)
    {
        var record = Pipeline.Rent();
        record.AddSample(series, time, value, quality);
        await PublishAsync(record);
    }

    /// <summary>Stores events, whose documents are <c>{"n": n}</c>, as one record.</summary>
    public async Task StoreEventsAsync(params (string Id, string Type, long Time, int N)[] events)
    {
        var record = Pipeline.Rent();
        foreach (var (id, type, time, n) in events) record.AddEvent(time, Encoding.UTF8.GetBytes(id), Encoding.UTF8.GetBytes(type), "test"u8, [0x81, 0xa1, (byte)'n', (byte)n]);
        await PublishAsync(record);
    }

    public Task<string> EventsAsync(EventQuery query, string? engine = null) => TextAsync(output => Query.EventsAsync(query, engine, output, CancellationToken.None));

    /// <summary>Moves what is hot into the lake.</summary>
    public async Task FlushAsync()
    {
        await SealAndWriteAsync();
        DropSealed();
    }

    /// <summary>The first half of a flush: the lake holds the generation, and the hot store still does, too.</summary>
    public async Task SealAndWriteAsync()
    {
        _sealed = await Pipeline.SealAsync(CancellationToken.None);
        if (_sealed is not null) await Lake.WriteAsync(_sealed, CancellationToken.None);
    }

    public void DropSealed()
    {
        if (_sealed is not null) Pipeline.Drop(_sealed);
        _sealed = null;
    }

    public Task<string> SamplesAsync(SamplesQuery query, ResultFormat format = ResultFormat.Json) =>
        TextAsync(output => Query.SamplesAsync(query, format, output, CancellationToken.None));

    public Task<string> SqlAsync(string sql, SqlFormat format = SqlFormat.Json) => TextAsync(output => Sql.ExecuteAsync(sql, format, output, CancellationToken.None));

    public static async Task<string> TextAsync(Func<PipeWriter, Task> run) => Encoding.UTF8.GetString(await BytesAsync(run));

    public static async Task<byte[]> BytesAsync(Func<PipeWriter, Task> run)
    {
        var stream = new MemoryStream();
        var output = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
        await run(output);
        await output.CompleteAsync();
        return stream.ToArray();
    }

    public async ValueTask DisposeAsync()
    {
        await Sql.DisposeAsync();
        Query.Dispose();
        await Pipeline.DisposeAsync();
        await Lake.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task PublishAsync(Ingest.Records.Record record)
    {
        record.Complete(0, 0, 1);
        long lsn;
        while (!Pipeline.TryPublish(record, out lsn)) await Pipeline.WaitForCapacityAsync(CancellationToken.None);
        while (Pipeline.AppliedLsn < lsn || Pipeline.DurableLsn < lsn) await Task.Yield();
    }
}
