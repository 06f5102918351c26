using DataLayer.Ingest.Records;

namespace DataLayer.Engines.Lake;

/// <summary>
/// Reads samples of chosen series from files of the lake, in order of partition and rank, one file open at a time. Owned by one thread.
/// </summary>
/// <param name="cache">Null: what is read is not read again.</param>
internal sealed class SampleScan(IReadOnlyList<LakeFile> files, RowGroupIndex index, ColumnCache? cache)
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
        _isCached = cache is not null && cache.Fits(SpannedRows(series[0], series[^1], startMicros, endMicros) * SampleGroupColumns.RowBytes);
        var chunk = ChunkSeries(startMicros, endMicros);
        for (var from = 0; from < series.Length; from += chunk)
        {
            var wanted = series.AsMemory(from, Math.Min(chunk, series.Length - from));
            Gather(wanted.Span, startMicros, endMicros, cancellation);
            for (var at = 0; at < wanted.Length; at++)
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

    /// <summary>Rows in the files of this time that lie between these series: what is decoded, were all of it.</summary>
    private double SpannedRows(int first, int last, long start, long end) => files
        .Where(file => file.OverlapsTime(start, end))
        .Sum(file => file.Rows * Math.Max(0.0, Math.Min(last, file.MaxSeries) - (double)Math.Max(first, file.MinSeries) + 1) / (file.MaxSeries - (double)file.MinSeries + 1));

    private void Gather(ReadOnlySpan<int> wanted, long start, long end, CancellationToken cancellation)
    {
        if (_mergers.Length < wanted.Length)
        {
            var had = _mergers.Length;
            Array.Resize(ref _mergers, wanted.Length);
            for (var at = had; at < _mergers.Length; at++) _mergers[at] = new SeriesMerger();
        }

        for (var at = 0; at < wanted.Length; at++) _mergers[at].Begin(wanted[at]);
        foreach (var file in files)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!file.OverlapsTime(start, end) || !AnyWithin(wanted, file.MinSeries, file.MaxSeries)) continue;
            ReadFile(file, wanted, start, end, cancellation);
        }
    }

    private void ReadFile(LakeFile file, ReadOnlySpan<int> wanted, long start, long end, CancellationToken cancellation)
    {
        SampleRowReader? reader = null;
        try
        {
            if (!index.TryGet(file.Number, out var groups))
            {
                groups = (reader = new SampleRowReader(file.Path, _buffer)).ReadStats();
                index.Set(file.Number, groups);
            }

            for (var group = 0; group < groups.Length; group++)
            {
                var stats = groups[group];
                if (!stats.OverlapsTime(start, end) || !AnyWithin(wanted, stats.MinSeries, stats.MaxSeries)) continue;
                cancellation.ThrowIfCancellationRequested();
                if (TryCached(file, group, ref reader) is { } cached) Take(cached.Series, cached.Times, cached.Values, cached.Qualities, wanted, start, end);
                else ReadRowGroup(reader ??= new SampleRowReader(file.Path, _buffer), group, wanted, start, end);
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

    /// <summary>The row group from the cache, or for the cache; null where only the wanted part is to be read.</summary>
    private SampleGroupColumns? TryCached(LakeFile file, int group, ref SampleRowReader? reader)
    {
        if (!_isCached) return null;
        var columns = cache!.Get<SampleGroupColumns>(file.Number, group, SampleSchema.Time, out var admit);
        if (!admit) return columns;
        columns = SampleGroupColumns.Read(reader ??= new SampleRowReader(file.Path, _buffer), group);
        cache.Set(file.Number, group, SampleSchema.Time, columns, columns.Bytes);
        return columns;
    }

    private void ReadRowGroup(SampleRowReader reader, int group, ReadOnlySpan<int> wanted, long start, long end)
    {
        var series = reader.ReadSeries(group);
        var low = LowerBound(wanted, series[0]);
        var high = LowerBound(wanted, series[^1] + 1L);
        while (low < high && !TryRun(series, 0, wanted[low], out _, out _)) low++;
        while (high > low && !TryRun(series, 0, wanted[high - 1], out _, out _)) high--;
        if (low == high) return;
        TryRun(series, 0, wanted[low], out var first, out _);
        TryRun(series, first, wanted[high - 1], out _, out var last);
        reader.ReadRows(first, last);
        Take(series[first..last], reader.Times(first, last), reader.Values(first, last), reader.Qualities(first, last), wanted, start, end);
    }

    /// <summary>Gives the wanted of these rows to the mergers.</summary>
    /// <param name="qualities">Empty where all are 1.</param>
    private void Take(
        ReadOnlySpan<int> series, ReadOnlySpan<long> times, ReadOnlySpan<double> values, ReadOnlySpan<float> qualities, ReadOnlySpan<int> wanted, long start, long end)
    {
        var row = 0;
        for (var at = LowerBound(wanted, series[0]); at < wanted.Length && wanted[at] <= series[^1]; at++)
        {
            if (!TryRun(series, row, wanted[at], out var runStart, out row)) continue;
            var run = times[runStart..row];
            var from = runStart + LowerBound(run, start);
            var to = runStart + LowerBound(run, end);
            if (from < to) _mergers[at].Add(times[from..to], values[from..to], qualities.IsEmpty ? default : qualities[from..to]);
        }
    }

    /// <summary>Finds the rows of a series in the ascending column, from a row on.</summary>
    internal static bool TryRun(ReadOnlySpan<int> series, int from, int wanted, out int start, out int end)
    {
        start = from + LowerBound(series[from..], wanted);
        end = start + LowerBound(series[start..], wanted + 1L);
        return start < end;
    }

    internal static bool AnyWithin(ReadOnlySpan<int> wanted, int min, int max)
    {
        var at = LowerBound(wanted, min);
        return at < wanted.Length && wanted[at] <= max;
    }

    internal static int LowerBound(ReadOnlySpan<int> ascending, long value)
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
