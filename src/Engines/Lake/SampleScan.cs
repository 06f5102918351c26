using DataLayer.Ingest.Records;

namespace DataLayer.Engines.Lake;

/// <summary>
/// Reads samples of chosen series from files of the lake, in order of partition and rank, one file open at a time. Owned by one thread.
/// </summary>
/// <param name="cache">Null: what is read is not read again.</param>
internal sealed class SampleScan(IReadOnlyList<LakeFile> files, LakeContext context, ColumnCache? cache)
{
    // A chunk of series is gathered before it is given out: about this many samples (16 bytes each) lie in memory then.
    private const long ChunkSamples = 4_000_000;

    private readonly SampleRowBuffer _buffer = new();
    private SeriesMerger[] _mergers = [];
    private bool _isCached;

    /// <summary>See <see cref="IEngineSnapshot.ReadSamples"/>.</summary>
    public IEnumerable<SeriesColumns> Read(int[] series, long startMicros, long endMicros, CancellationToken cancellation)
    {
        if (series.Length == 0) yield break;
        _isCached = cache is not null && cache.Fits(RowsOf(series.Length, startMicros, endMicros) * SampleGroupColumns.RowBytes);
        var chunk = ChunkSeries(startMicros, endMicros);
        for (var from = 0; from < series.Length; from += chunk)
        {
            var wanted = new WantedSeries(context.Catalog, series.AsMemory(from, Math.Min(chunk, series.Length - from)));
            Gather(wanted, startMicros, endMicros, cancellation);
            for (var at = 0; at < wanted.Count; at++)
            {
                if (_mergers[at].Columns.Count > 0) yield return _mergers[at].Columns;
            }
        }
    }

    private int ChunkSeries(long start, long end)
    {
        var perSeries = 0.0;
        foreach (var file in files)
        {
            if (!file.OverlapsTime(start, end)) continue;
            var part = Math.Min(1.0, ((double)end - start) / Math.Max(1.0, (double)file.MaxTime - file.MinTime));
            perSeries += part * file.Rows / (file.MaxSeries - (double)file.MinSeries + 1);
        }

        return (int)Math.Clamp(ChunkSamples / Math.Max(1.0, perSeries), 1, 16_384);
    }

    /// <summary>About how many rows the files of this time have of so many series: what is decoded, were all of it.</summary>
    private double RowsOf(int series, long start, long end) => files
        .Where(file => file.OverlapsTime(start, end))
        .Sum(file => file.Rows * Math.Min(1, series / (file.MaxSeries - (double)file.MinSeries + 1)));

    private void Gather(WantedSeries wanted, long start, long end, CancellationToken cancellation)
    {
        if (_mergers.Length < wanted.Count)
        {
            var had = _mergers.Length;
            Array.Resize(ref _mergers, wanted.Count);
            for (var at = had; at < _mergers.Length; at++) _mergers[at] = new SeriesMerger();
        }

        for (var at = 0; at < wanted.Count; at++) _mergers[at].Begin(wanted[at]);
        foreach (var file in files)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!file.OverlapsTime(start, end) || !wanted.AnyIn(file)) continue;
            ReadFile(file, wanted, start, end, cancellation);
        }
    }

    private void ReadFile(LakeFile file, WantedSeries wanted, long start, long end, CancellationToken cancellation)
    {
        SampleRowReader? reader = null;
        try
        {
            if (!context.Index.TryGet(file.Number, out var groups))
            {
                groups = (reader = new SampleRowReader(file.Path, _buffer)).ReadStats();
                context.Index.Set(file.Number, groups);
            }

            for (var group = 0; group < groups.Length; group++)
            {
                var stats = groups[group];
                if (!stats.OverlapsTime(start, end) || !wanted.AnyIn(stats)) continue;
                cancellation.ThrowIfCancellationRequested();
                if (_isCached && cache!.Get<SampleGroupColumns>(file.Number, group, SampleSchema.Time) is { } cached) Take(cached, wanted, start, end);
                else ReadRowGroup(reader ??= new SampleRowReader(file.Path, _buffer), file, group, wanted, start, end);
            }
        }
        catch (Exception error) when (DamagedFileException.IsSign(error))
        {
            throw new DamagedFileException(file, error);
        }
        finally
        {
            reader?.Dispose();
        }
    }

    /// <summary>Reads the rows between the first and the last that are wanted; or all, for the cache.</summary>
    private void ReadRowGroup(SampleRowReader reader, LakeFile file, int group, WantedSeries wanted, long start, long end)
    {
        var series = reader.ReadSeries(group);
        var (low, high) = wanted.Within(series);
        var (first, last) = (0, 0);
        while (low < high && !wanted.TryRun(series, 0, low, out first, out _)) low++;
        while (low < high && !wanted.TryRun(series, first, high - 1, out _, out last)) high--;
        if (low == high) return;
        if (_isCached && cache!.Admits(file.Number, group, SampleSchema.Time, (last - first) / (double)series.Length))
        {
            var columns = SampleGroupColumns.Read(reader, series);
            cache.Set(file.Number, group, SampleSchema.Time, columns, columns.Bytes);
            Take(columns, wanted, start, end);
            return;
        }

        reader.ReadRows(first, last);
        Take(series[first..last], reader.Times(first, last), reader.Values(first, last), reader.Qualities(first, last), wanted, start, end);
    }

    private void Take(SampleGroupColumns rows, WantedSeries wanted, long start, long end) => Take(rows.Series, rows.Times, rows.Values, rows.Qualities, wanted, start, end);

    /// <summary>Gives the wanted of these rows to the mergers.</summary>
    /// <param name="qualities">Empty where all are 1.</param>
    private void Take(
        ReadOnlySpan<int> series, ReadOnlySpan<long> times, ReadOnlySpan<double> values, ReadOnlySpan<float> qualities, WantedSeries wanted, long start, long end)
    {
        var row = 0;
        var (low, high) = wanted.Within(series);
        for (var at = low; at < high; at++)
        {
            if (!wanted.TryRun(series, row, at, out var runStart, out row)) continue;
            var run = times[runStart..row];
            var from = runStart + LowerBound(run, start);
            var to = runStart + LowerBound(run, end);
            if (from < to) _mergers[at].Add(times[from..to], values[from..to], qualities.IsEmpty ? default : qualities[from..to]);
        }
    }

    internal static int LowerBound(ReadOnlySpan<long> ascending, long value)
    {
        var (low, high) = (0, ascending.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (ascending[middle] < value) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
