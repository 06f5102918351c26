namespace DataLayer.Ingest.Tests.Log;

/// <summary>A record as recovery handed it over.</summary>
internal sealed record Replayed(long Lsn, int Agent, long Seq, byte[] Bytes, int[] RowSeries);
