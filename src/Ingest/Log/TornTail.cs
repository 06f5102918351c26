namespace DataLayer.Ingest.Log;

/// <summary>An unfinished commit at the end of the log. <paramref name="WholeRecords"/>: records that are whole, but lie behind a broken one.</summary>
public sealed record TornTail(string File, long Offset, long Lsn, int WholeRecords);
