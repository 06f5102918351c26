namespace DataLayer.Engines;

/// <summary>Rollup buckets as columns. Those that were not asked for are null. Shared by readers: nobody writes to the arrays.</summary>
public sealed class RollupRows
{
    /// <summary>Unix microseconds.</summary>
    public required long[] Starts { get; init; }

    public required long[] Counts { get; init; }

    public double[]? Sums { get; init; }

    public double[]? Mins { get; init; }

    public double[]? Maxs { get; init; }

    /// <summary>Unix microseconds.</summary>
    public long[]? FirstTimes { get; init; }

    public double[]? Firsts { get; init; }

    /// <summary>Unix microseconds.</summary>
    public long[]? LastTimes { get; init; }

    public double[]? Lasts { get; init; }

    /// <summary>See <see cref="RollupBucket.Sketch"/>.</summary>
    public byte[]?[]? Sketches { get; init; }

    public RollupBucket this[int row] => new(
        Starts[row],
        Counts[row],
        Sums is null ? 0 : Sums[row],
        Mins is null ? 0 : Mins[row],
        Maxs is null ? 0 : Maxs[row],
        FirstTimes is null ? 0 : FirstTimes[row],
        Firsts is null ? 0 : Firsts[row],
        LastTimes is null ? 0 : LastTimes[row],
        Lasts is null ? 0 : Lasts[row],
        Sketches?[row]);

    /// <summary>The columns of some buckets, all of them.</summary>
    public static RollupRows Of(IReadOnlyList<RollupBucket> buckets) => new()
    {
        Starts = [.. buckets.Select(bucket => bucket.Start)],
        Counts = [.. buckets.Select(bucket => bucket.Count)],
        Sums = [.. buckets.Select(bucket => bucket.Sum)],
        Mins = [.. buckets.Select(bucket => bucket.Min)],
        Maxs = [.. buckets.Select(bucket => bucket.Max)],
        FirstTimes = [.. buckets.Select(bucket => bucket.FirstTime)],
        Firsts = [.. buckets.Select(bucket => bucket.First)],
        LastTimes = [.. buckets.Select(bucket => bucket.LastTime)],
        Lasts = [.. buckets.Select(bucket => bucket.Last)],
        Sketches = [.. buckets.Select(bucket => bucket.Sketch)],
    };

    /// <summary>A copy of some rows.</summary>
    internal RollupRows Copy(int from, int to) => new()
    {
        Starts = Starts[from..to],
        Counts = Counts[from..to],
        Sums = Sums?[from..to],
        Mins = Mins?[from..to],
        Maxs = Maxs?[from..to],
        FirstTimes = FirstTimes?[from..to],
        Firsts = Firsts?[from..to],
        LastTimes = LastTimes?[from..to],
        Lasts = Lasts?[from..to],
        Sketches = Sketches?[from..to],
    };
}
