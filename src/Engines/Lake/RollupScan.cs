namespace DataLayer.Engines.Lake;

/// <summary>
/// Reads rollup buckets of chosen series from files of the lake, given in order of partition and rank: a full row replaces the rows of lower rank
/// of its bucket, partial rows add up. Owned by one thread.
/// </summary>
internal sealed class RollupScan(IReadOnlyList<LakeFile> files, LakeContext context, RollupFields fields)
{
    // A row's decoded columns, which the cache would take: series, start, count, full, and what is wanted. Sketches are not kept.
    private readonly int _rowBytes = 4 + 8 + 8 + 1
        + (fields.HasFlag(RollupFields.Sum) ? 8 : 0) + (fields.HasFlag(RollupFields.MinMax) ? 16 : 0) + (fields.HasFlag(RollupFields.FirstLast) ? 32 : 0);

    // Buckets gathered at once, about 100 bytes each.
    private const long ChunkBuckets = 500_000;

    private readonly RollupColumns _columns = new();

    /// <summary>See <see cref="IEngineSnapshot.ReadRollups"/>.</summary>
    public IEnumerable<RollupColumns> Read(int[] series, long startMicros, long endMicros, CancellationToken cancellation)
    {
        var rows = files.Where(file => file.OverlapsTime(startMicros, endMicros)).Sum(file => file.Rows / (file.MaxSeries - (double)file.MinSeries + 1));
        var chunk = (int)Math.Clamp(ChunkBuckets / Math.Max(1.0, rows), 1, 16_384);
        var bytes = rows * _rowBytes * series.Length;
        using var group = new RollupGroup(context.Columns.Fits(bytes) ? context.Columns : null, fields);
        for (var from = 0; from < series.Length; from += chunk)
        {
            var wanted = new WantedSeries(context.Catalog, series.AsMemory(from, Math.Min(chunk, series.Length - from)));
            var slices = Gather(group, wanted, startMicros, endMicros, cancellation);
            for (var at = 0; at < wanted.Count; at++)
            {
                if (slices[at] is not { } found) continue;
                _columns.Series = wanted[at];
                _columns.Slices.Clear();
                Add(found);
                yield return _columns;
            }
        }
    }

    /// <summary>Rows add up, and so nothing is to be done with them, but where a full one replaces others.</summary>
    private void Add(List<(RollupSlice Slice, bool HasFull, bool[] Full)> found)
    {
        if (!found.Exists(part => part.HasFull))
        {
            foreach (var (slice, _, _) in found) _columns.Slices.Add(slice);
            return;
        }

        var fold = new RollupFold();
        foreach (var (slice, _, full) in found)
        {
            for (var row = slice.From; row < slice.To; row++) fold.Add(slice.Rows[row], full.Length > 0 && full[row - slice.From]);
        }

        var buckets = new List<RollupBucket>();
        fold.CopyTo(buckets);
        _columns.Slices.Add(new RollupSlice(RollupRows.Of(buckets), 0, buckets.Count));
    }

    private List<(RollupSlice, bool, bool[])>?[] Gather(RollupGroup rows, WantedSeries wanted, long start, long end, CancellationToken cancellation)
    {
        var slices = new List<(RollupSlice, bool, bool[])>?[wanted.Count];
        foreach (var file in files)
        {
            if (!file.OverlapsTime(start, end) || !wanted.AnyIn(file)) continue;
            try
            {
                ReadFile(rows, file, wanted, start, end, slices, cancellation);
            }
            catch (Exception error) when (DamagedFileException.IsSign(error))
            {
                throw new DamagedFileException(file, error);
            }
        }

        return slices;
    }

    private void ReadFile(RollupGroup rows, LakeFile file, WantedSeries wanted, long start, long end, List<(RollupSlice, bool, bool[])>?[] slices, CancellationToken cancellation)
    {
        rows.Open(file);
        if (!context.Index.TryGet(file.Number, out var groups))
        {
            groups = rows.Reader.ReadStats();
            context.Index.Set(file.Number, groups);
        }

        for (var group = 0; group < groups.Length; group++)
        {
            cancellation.ThrowIfCancellationRequested();
            var stats = groups[group];
            if (!stats.OverlapsTime(start, end) || !wanted.AnyIn(stats)) continue;
            rows.Read(group, stats.Rows);
            Slice(rows, stats.Rows, wanted, start, end, slices);
        }
    }

    private static void Slice(RollupGroup rows, int count, WantedSeries wanted, long start, long end, List<(RollupSlice, bool, bool[])>?[] slices)
    {
        var series = rows.Series.AsSpan(0, count);
        var row = 0;
        var (low, high) = wanted.Within(series);
        for (var at = low; at < high; at++)
        {
            if (!wanted.TryRun(series, row, at, out var runStart, out var runEnd)) continue;
            row = runEnd;
            var starts = rows.Rows.Starts.AsSpan(runStart, runEnd - runStart);
            var from = runStart + SampleScan.LowerBound(starts, start);
            var to = runStart + SampleScan.LowerBound(starts, end);
            if (from == to) continue;
            var hasFull = rows.Full.AsSpan(from, to - from).Contains(true);
            (slices[at] ??= []).Add((rows.Slice(from, to), hasFull, hasFull ? rows.Full[from..to] : []));
        }
    }
}
