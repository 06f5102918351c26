namespace DataLayer.Engines.Lake;

/// <summary>
/// Reads rollup buckets of chosen series from files of the lake, given in order of partition and rank: a full row replaces the rows of lower rank
/// of its bucket, partial rows add up. Owned by one thread.
/// </summary>
internal sealed class RollupScan(IReadOnlyList<LakeFile> files, RowGroupIndex index)
{
    // Buckets gathered at once, about 100 bytes each.
    private const long ChunkBuckets = 500_000;

    private readonly RollupColumns _columns = new();

    /// <summary>See <see cref="IEngineSnapshot.ReadRollups"/>.</summary>
    public IEnumerable<RollupColumns> Read(int[] series, long startMicros, long endMicros, CancellationToken cancellation)
    {
        var rows = files.Where(file => file.OverlapsTime(startMicros, endMicros)).Sum(file => file.Rows / (file.MaxSeries - (double)file.MinSeries + 1));
        var chunk = (int)Math.Clamp(ChunkBuckets / Math.Max(1.0, rows), 1, 16_384);
        for (var from = 0; from < series.Length; from += chunk)
        {
            var wanted = series[from..Math.Min(from + chunk, series.Length)];
            var folds = Gather(wanted, startMicros, endMicros, cancellation);
            for (var at = 0; at < wanted.Length; at++)
            {
                _columns.Series = wanted[at];
                _columns.Buckets.Clear();
                folds[at]?.CopyTo(_columns.Buckets);
                if (_columns.Buckets.Count > 0) yield return _columns;
            }
        }
    }

    private RollupFold?[] Gather(int[] wanted, long start, long end, CancellationToken cancellation)
    {
        var folds = new RollupFold?[wanted.Length];
        foreach (var file in files)
        {
            if (!file.OverlapsTime(start, end) || file.MaxSeries < wanted[0] || file.MinSeries > wanted[^1]) continue;
            using var reader = new RollupRowReader(file.Path);
            if (!index.TryGet(file.Number, out var groups))
            {
                groups = reader.ReadStats();
                index.Set(file.Number, groups);
            }

            for (var group = 0; group < groups.Length; group++)
            {
                cancellation.ThrowIfCancellationRequested();
                var stats = groups[group];
                if (!stats.OverlapsTime(start, end) || stats.MaxSeries < wanted[0] || stats.MinSeries > wanted[^1]) continue;
                reader.ReadRowGroup(group);
                Fold(reader.Buffer, wanted, start, end, folds);
            }
        }

        return folds;
    }

    private static void Fold(RollupRowBuffer rows, int[] wanted, long start, long end, RollupFold?[] folds)
    {
        var at = 0;
        for (var row = 0; row < rows.Count; row++)
        {
            while (at < wanted.Length && wanted[at] < rows.Series[row]) at++;
            if (at == wanted.Length) return;
            if (wanted[at] != rows.Series[row] || rows.Starts[row] < start || rows.Starts[row] >= end) continue;
            (folds[at] ??= new RollupFold()).Add(rows[row], rows.Full[row]);
        }
    }
}
