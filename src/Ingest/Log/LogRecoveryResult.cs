namespace DataLayer.Ingest.Log;

/// <summary>What recovery found.</summary>
public sealed record LogRecoveryResult
{
    /// <summary>The highest LSN of log and lake: the next record gets one more.</summary>
    public required long LastLsn { get; init; }

    /// <summary>Records handed over.</summary>
    public long Records { get; init; }

    public long Samples { get; init; }

    public long BytesRead { get; init; }

    /// <summary>Null, or how the end of the log was torn: an unfinished commit was cut off. Nothing of it was ever acked.</summary>
    public TornTail? Torn { get; init; }

    /// <summary>The lake is ahead of the log by this many LSNs: the log was removed or lost. The lake has the data; agents' last sequences may be lost.</summary>
    public long LsnsOnlyInLake { get; init; }

    internal IReadOnlyList<SegmentInfo> Segments { get; init; } = [];

    internal long NewestFirstLsn { get; init; }

    internal long NewestEnd { get; init; }
}
