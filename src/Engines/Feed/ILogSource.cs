using DataLayer.Ingest.Log;

namespace DataLayer.Engines.Feed;

/// <summary>The log as its readers see it. Safe from any thread.</summary>
public interface ILogSource
{
    /// <summary>The highest LSN on disk.</summary>
    long DurableLsn { get; }

    /// <summary>The first LSN that the log still holds.</summary>
    long OldestLsn { get; }

    /// <summary>Samples that became durable since the daemon started.</summary>
    long StoredSamples { get; }

    /// <summary>Bytes of the log on disk, and what it may take.</summary>
    (long Bytes, long Max) Budget { get; }

    /// <summary>A reader from a position on; the caller's.</summary>
    LogReader Open(long afterLsn);

    /// <summary>Completes when the record is on disk.</summary>
    Task WaitAsync(long lsn, CancellationToken cancellation);
}
