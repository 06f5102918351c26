using System.Runtime.InteropServices;

namespace DataLayer.Engines.Lake;

/// <summary>Makes rollup buckets of samples, and of smaller buckets. Stale markers and NaN are left out. Owned by one thread.</summary>
internal static class RollupBuilder
{
    /// <summary>
    /// Appends one bucket per <paramref name="width"/> (microseconds) with samples; times ascending. Returns the greatest time left out; long.MinValue: none was.
    /// </summary>
    public static long Build(ReadOnlySpan<long> times, ReadOnlySpan<double> values, long width, bool withSketch, List<RollupBucket> buckets)
    {
        var sketch = withSketch ? new QuantileSketch() : null;
        var leftOutTo = long.MinValue;
        for (var from = 0; from < times.Length;)
        {
            var start = LakeLayout.FloorTo(times[from], width);
            var last = start > long.MaxValue - width ? long.MaxValue : start + width - 1;
            var to = from + 1;
            if (times[^1] <= last) to = times.Length;
            else while (times[to] <= last) to++;
            var found = TryBuild(start, times[from..to], values[from..to], sketch, out var bucket);
            if (found) buckets.Add(bucket);
            if (!found || bucket.Count < to - from) leftOutTo = LastNaN(times[from..to], values[from..to]);
            from = to;
        }

        return leftOutTo;
    }

    /// <summary>Appends the buckets of <paramref name="width"/> that ascending smaller ones, from <paramref name="from"/> on, make.</summary>
    public static void Fold(List<RollupBucket> small, int from, long width, List<RollupBucket> buckets)
    {
        foreach (ref readonly var bucket in CollectionsMarshal.AsSpan(small)[from..])
        {
            var start = LakeLayout.FloorTo(bucket.Start, width);
            if (buckets.Count > 0 && buckets[^1].Start == start) buckets[^1] = Combine(buckets[^1], bucket);
            else buckets.Add(bucket with { Start = start });
        }
    }

    /// <summary>Two buckets of the same start with no sample in common.</summary>
    public static RollupBucket Combine(in RollupBucket one, in RollupBucket other)
    {
        if (one.Count == 0) return other;
        if (other.Count == 0) return one;
        var (first, last) = (one.FirstTime <= other.FirstTime ? one : other, one.LastTime >= other.LastTime ? one : other);
        return new RollupBucket(
            one.Start, one.Count + other.Count, one.Sum + other.Sum, Math.Min(one.Min, other.Min), Math.Max(one.Max, other.Max),
            first.FirstTime, first.First, last.LastTime, last.Last, Combine(one.Sketch, other.Sketch));
    }

    // A bucket with samples that no sketch covers has none: half a sketch would state wrong quantiles.
    private static byte[]? Combine(byte[]? one, byte[]? other)
    {
        if (one is null || other is null) return null;
        var sketch = QuantileSketch.FromBytes(one);
        sketch.Merge(QuantileSketch.FromBytes(other));
        return sketch.ToBytes();
    }

    private static bool TryBuild(long start, ReadOnlySpan<long> times, ReadOnlySpan<double> values, QuantileSketch? sketch, out RollupBucket bucket)
    {
        var (count, sum, min, max) = (0L, 0.0, double.PositiveInfinity, double.NegativeInfinity);
        var (first, last) = (-1, -1);
        for (var at = 0; at < values.Length; at++)
        {
            var value = values[at];
            if (double.IsNaN(value)) continue;
            if (first < 0) first = at;
            last = at;
            count++;
            sum += value;
            if (value < min) min = value;
            if (value > max) max = value;
        }

        bucket = default;
        if (count == 0) return false;
        bucket = new RollupBucket(start, count, sum, min, max, times[first], values[first], times[last], values[last], SketchOf(values, sketch));
        return true;
    }

    private static long LastNaN(ReadOnlySpan<long> times, ReadOnlySpan<double> values)
    {
        var at = values.Length - 1;
        while (!double.IsNaN(values[at])) at--;
        return times[at];
    }

    private static byte[]? SketchOf(ReadOnlySpan<double> values, QuantileSketch? sketch)
    {
        if (sketch is null) return null;
        sketch.Clear();
        foreach (var value in values) sketch.Add(value);
        return sketch.ToBytes();
    }
}
