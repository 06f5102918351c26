namespace DataLayer.Ingest.Log;

/// <summary>What a repair did. <paramref name="Lost"/>: exactly what is gone, each with its range of LSNs.</summary>
public sealed record LogRepairResult(IReadOnlyList<string> Quarantined, IReadOnlyList<LogFinding> Lost, long RecordsKept, LogVerification After);
