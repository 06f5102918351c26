namespace DataLayer.Query.Samples;

/// <summary>How many buckets a query may hold at once, and what follows for its parts and threads. The parts do not depend on the threads, so that sums come out the same.</summary>
internal readonly struct BucketLimits
{
    // 2 M buckets of 80 bytes: 160 MB at most for one query, whatever the number of series.
    private const long BucketsAtOnceMax = 2_000_000;

    // A sketch has some hundred bins, 24 KiB at most each.
    private const long SketchesAtOnceMax = 20_000;

    /// <summary>A part may hold an eighth, so that there is room for four threads with two parts each.</summary>
    private const int PartsAtOnce = 8;

    /// <summary>Throws <see cref="QueryException"/> where there are too many groups.</summary>
    public BucketLimits(BucketGrid grid, bool withSketches, SeriesGroups? groups, int[] series)
    {
        var bucketsMax = withSketches ? SketchesAtOnceMax : BucketsAtOnceMax;
        var perSeries = Math.Max(1, grid.Count);
        if (groups is not null && groups.Count > bucketsMax / perSeries)
        {
            throw new QueryException(
                QueryErrorKind.TooMuch, $"by: {groups.Count} groups of {grid.Count} buckets are more than {bucketsMax} at once; ask for fewer labels, a shorter range or a greater step");
        }

        var listsMax = Math.Clamp(bucketsMax / PartsAtOnce / perSeries, 1, int.MaxValue);
        Parts = groups is not null && groups.Count <= listsMax ? SeriesParts.Of(series) : SeriesParts.Of(series, (int)listsMax);
        var lists = Math.Min(groups?.Count ?? int.MaxValue, Parts.Length == 0 ? 1 : Parts.Max(part => part.Length));
        ThreadsMax = (int)Math.Clamp(bucketsMax / (2L * lists * perSeries), 1, int.MaxValue);
    }

    public int[][] Parts { get; }

    public int ThreadsMax { get; }
}
