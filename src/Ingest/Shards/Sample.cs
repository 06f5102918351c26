namespace DataLayer.Ingest.Shards;

/// <summary>One point of a series in the hot store. Four of them fill a cache line.</summary>
/// <param name="Time">Unix microseconds.</param>
internal readonly record struct Sample(long Time, double Value);
