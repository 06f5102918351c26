namespace DataLayer.Engines;

/// <summary>One bucket of a rollup. Times are Unix microseconds.</summary>
/// <param name="Start">Start of the bucket.</param>
/// <param name="Count">Samples in it.</param>
/// <param name="FirstTime">Time of <paramref name="First"/>.</param>
/// <param name="LastTime">Time of <paramref name="Last"/>.</param>
/// <param name="Sketch">A serialized quantile sketch (see QuantileSketch), or null where the metric has none configured.</param>
public readonly record struct RollupBucket(
    long Start, long Count, double Sum, double Min, double Max, long FirstTime, double First, long LastTime, double Last, byte[]? Sketch);
