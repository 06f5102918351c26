namespace DataLayer.Ingest.Log;

/// <summary>What is in the folder of the log.</summary>
public sealed record LogVerification
{
    public int Segments { get; init; }

    public long Records { get; init; }

    public long Samples { get; init; }

    public long SegmentBytes { get; init; }

    /// <summary>The first record in the log; 0: none.</summary>
    public long FirstLsn { get; init; }

    public long LastLsn { get; init; }

    public long Series { get; init; }

    public long Agents { get; init; }

    /// <summary>In the order of the files.</summary>
    public IReadOnlyList<LogFinding> Findings { get; init; } = [];

    public bool IsSound => !Findings.Any(finding => finding.IsDamage);
}
