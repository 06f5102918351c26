namespace DataLayer.Ingest.Log;

/// <summary>What lies behind a broken record: whole records, and the next Commit record (-1: none).</summary>
internal readonly record struct TailScan(int WholeRecords, long CommitAt, long CommitLsn);
