namespace DataLayer.Ingest.Sessions;

/// <summary>Why samples were refused. A label of metrics: never renumber, add at the end.</summary>
public enum RejectReason
{
    Malformed,
    OverLimit,
    NotAllowed,
    BadContent,
    BadSchema,
    SeriesLimit,
    StorageFull,
    MemoryFull,
    Stopping,
    NotSupported,

    /// <summary>Two connections of one agent sent a batch at the same time, and both had unpacked it before one was admitted.</summary>
    Duplicate,
}
