namespace DataLayer.Engines.Lake;

/// <summary>
/// Reads rollup buckets of chosen series from files of the lake, given in order of partition and rank: a full row replaces the rows of lower rank
/// of its bucket, partial rows add up. Owned by one thread.
/// </summary>
internal sealed class RollupScan(IReadOnlyList<LakeFile> files, RowGroupIndex index, ColumnCache cache, RollupFields fields)
{
    // A row's decoded columns, at most: what the cache would take for it.
    private const int RowBytes = 70;

    // Buckets gathered at once, about 100 bytes each.
    private const long ChunkBuckets = 500_000;

    private readonly RollupColumns _columns = new();

    /// <summary>See <see cref="IEngineSnapshot.ReadRollups"/>.</summary>
    public IEnumerable<RollupColumns> Read(int[] series, long startMicros, long endMicros, CancellationToken cancellation)
    {
        var rows = files.Where(file => file.OverlapsTime(startMicros, endMicros)).Sum(file => file.Rows / (file.MaxSeries - (double)file.MinSeries + 1));
        var chunk = (int)Math.Clamp(ChunkBuckets / Math.Max(1.0, rows), 1, 16_384);
        var bytes = rows * RowBytes * (series[^1] - series[0] + 1.0);
        using var group = new RollupGroup(cache.Fits(bytes) ? cache : null, fields);
        for (var from = 0; from < series.Length; from += chunk)
        {
            var wanted = series[from..Math.Min(from + chunk, series.Length)];
            var folds = Gather(group, wanted, startMicros, endMicros, cancellation);
            for (var at = 0; at < wanted.Length; at++)
            {
                _columns.Series = wanted[at];
                _columns.Buckets.Clear();
                folds[at]?.CopyTo(_columns.Buckets);
                if (_columns.Buckets.Count > 0) yield return _columns;
            }
        }
    }

    private RollupFold?[] Gather(RollupGroup rows, int[] wanted, long start, long end, CancellationToken cancellation)
    {
        var folds = new RollupFold?[wanted.Length];
        foreach (var file in files)
        {
            if (!file.OverlapsTime(start, end) || file.MaxSeries < wanted[0] || file.MinSeries > wanted[^1]) continue;
            rows.Open(file);
            if (!index.TryGet(file.Number, out var groups))
            {
                groups = rows.Reader.ReadStats();
                index.Set(file.Number, groups);
            }

            for (var group = 0; group < groups.Length; group++)
            {
                cancellation.ThrowIfCancellationRequested();
                var stats = groups[group];
                if (!stats.OverlapsTime(start, end) || !SampleScan.AnyWithin(wanted, stats.MinSeries, stats.MaxSeries)) continue;
                rows.Read(group, stats.Rows);
                Fold(rows, stats.Rows, wanted, start, end, folds);
            }
        }

        return folds;
    }

    private static void Fold(RollupGroup rows, int count, int[] wanted, long start, long end, RollupFold?[] folds)
    {
        var series = rows.Series.AsSpan(0, count);
        var row = 0;
        for (var at = SampleScan.LowerBound(wanted, series[0]); at < wanted.Length && wanted[at] <= series[^1]; at++)
        {
            if (!SampleScan.TryRun(series, row, wanted[at], out var runStart, out var runEnd)) continue;
            row = runEnd;
            var starts = rows.Starts.AsSpan(runStart, runEnd - runStart);
            var from = runStart + SampleScan.LowerBound(starts, start);
            var to = runStart + SampleScan.LowerBound(starts, end);
            if (from == to) continue;
            var fold = folds[at] ??= new RollupFold();
            for (var i = from; i < to; i++) fold.Add(rows[i], rows.IsFull(i));
        }
    }
}
