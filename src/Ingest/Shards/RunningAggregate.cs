namespace DataLayer.Ingest.Shards;

/// <summary>Running aggregates of a series since the daemon started, in order of arrival: duplicates count each time, NaN never.</summary>
/// <param name="Count">Samples.</param>
/// <param name="LastTimeMicros">The greatest time, Unix microseconds, and <paramref name="LastValue"/> its value.</param>
public readonly record struct RunningAggregate(long Count, double Sum, double Min, double Max, long LastTimeMicros, double LastValue);
