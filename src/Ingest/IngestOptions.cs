namespace DataLayer.Ingest;

/// <summary>Sizes of the hot path. Defaults suit one host with a few gigabytes to spare.</summary>
public sealed class IngestOptions
{
    /// <summary>Folder of log, definitions and lake. Created when missing.</summary>
    public string DataDirectory { get; set; } = "data";

    /// <summary>Shards; 0: one per core. 1 … 256.</summary>
    public int Shards { get; set; }

    /// <summary>Slots of the ring, a power of two; 64 … 65,536. A slot carries a record, not a sample.</summary>
    public int RingSlots { get; set; } = 1024;

    /// <summary>Bytes of records in flight (published, not yet durable and visible). Past it TCP stops reading and UDP drops.</summary>
    public long InFlightBytesMax { get; set; } = 256L << 20;

    /// <summary>Series the server keeps. Past it a new series is error 6.</summary>
    public int SeriesMax { get; set; } = 10_000_000;

    /// <summary>Series one agent may add. Past it a new series is error 6.</summary>
    public int SeriesPerAgentMax { get; set; } = 1_000_000;

    /// <summary>Bytes of the hot store. Past it data are refused with error 7 until the lake has caught up.</summary>
    public long HotBytesMax { get; set; } = 1L << 30;

    /// <summary>Bytes of one log segment; 1 MiB … 1 GiB. A larger batch gets a segment of its own.</summary>
    public int SegmentBytes { get; set; } = 64 << 20;

    /// <summary>Bytes of the log on disk. Past it data are refused with error 7 until its readers have caught up.</summary>
    public long LogBytesMax { get; set; } = 16L << 30;
}
