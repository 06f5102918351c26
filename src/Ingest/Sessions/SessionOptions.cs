using DataLayer.Protocol;

namespace DataLayer.Ingest.Sessions;

/// <summary>What sessions announce and enforce: protocol.md sections 5 and 7.</summary>
public sealed class SessionOptions
{
    /// <summary>The name in welcome.</summary>
    public string ServerName { get; set; } = "datalayer";

    /// <summary>Bytes of a message, packed; 4 KiB … 1 GiB. Past it: error 2, closed. The buffer grows only with what has arrived.</summary>
    public int MaxMessageBytes { get; set; } = ProtocolLimits.MaxMessageBytes;

    /// <summary>Bytes of a batch, unpacked; 4 KiB … 128 MiB (a record of it must fit an array). Past it: error 2 for the batch.</summary>
    public int MaxBatchBytes { get; set; } = ProtocolLimits.MaxBatchBytes;

    /// <summary>Series in one schema; past it: error 2 for the schema.</summary>
    public int MaxSchemaSeries { get; set; } = ProtocolLimits.MaxSeriesPerSchema;

    /// <summary>Schemas of all connections together; past it: error 2 for the schema.</summary>
    public int MaxSchemas { get; set; } = ProtocolLimits.MaxSchemas;

    /// <summary>Bytes that the schemas of all connections take; past it: error 2 for the schema.</summary>
    public long MaxSchemaBytes { get; set; } = ProtocolLimits.MaxSchemaMemoryBytes;

    /// <summary>Bytes that unfinished messages of all connections take, those under 64 KiB not counted; past it: error 7, closed.</summary>
    public long MaxGatheredBytes { get; set; } = 1L << 30;

    /// <summary>Bytes that the caches for points of all connections take; past it a point costs a look-up for each of its fields.</summary>
    public long MaxPointCacheBytes { get; set; } = 256L << 20;

    /// <summary>Bytes of one record of unbatched messages; past it the record is published before the received bytes are used up.</summary>
    public int RecordBytes { get; set; } = 1 << 20;

    /// <summary>Sources of datagrams whose numbers are followed; past it the one known for longest is forgotten.</summary>
    public int MaxUdpSources { get; set; } = 4096;

    /// <summary>A hello with a token that the token check allows is required before anything else.</summary>
    public bool RequireToken { get; set; }

    /// <summary>Where a token is required: time to finish a hello.</summary>
    public TimeSpan HelloTimeout { get; set; } = ProtocolLimits.HelloTimeout;

    /// <summary>Time without a byte inside an unfinished message.</summary>
    public TimeSpan IdleTimeout { get; set; } = ProtocolLimits.UnfinishedMessageTimeout;

    /// <summary>The earliest time of a sample, Unix microseconds; before it: error 4.</summary>
    public long MinTimeMicros { get; set; } = ProtocolLimits.MinTimeMicros;

    /// <summary>How far a sample may be ahead of its arrival; beyond: error 4.</summary>
    public TimeSpan MaxFuture { get; set; } = TimeSpan.FromMicroseconds(ProtocolLimits.MaxFutureMicros);
}
