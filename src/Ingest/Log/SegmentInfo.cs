namespace DataLayer.Ingest.Log;

/// <summary>A segment on disk. <paramref name="Recyclable"/>: filled by this run and left in order, so that all LSNs in its bytes are below all that follow.</summary>
internal readonly record struct SegmentInfo(long FirstLsn, long FileBytes, bool Recyclable);
