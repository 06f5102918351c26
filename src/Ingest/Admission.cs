namespace DataLayer.Ingest;

/// <summary>Whether new data are taken, and if not, why.</summary>
public enum Admission
{
    Open,

    /// <summary>The disk or the log's disk budget is full, or the log cannot be written: error 7.</summary>
    StorageFull,

    /// <summary>The hot store is at its memory budget because the lake does not keep up: error 7.</summary>
    MemoryFull,

    /// <summary>The daemon is stopping: error 8.</summary>
    Stopping,
}
