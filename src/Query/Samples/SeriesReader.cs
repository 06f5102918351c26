using DataLayer.Engines;
using DataLayer.Ingest.Records;
using DataLayer.Ingest.Shards;

namespace DataLayer.Query.Samples;

/// <summary>Reads series, stored and hot samples as one. Owned by one thread; others may read the same snapshots with readers of their own.</summary>
internal sealed class SeriesReader(HotSnapshot hot, IEngineSnapshot stored)
{
    private readonly SeriesColumns _hotColumns = new();
    private readonly SeriesMerge _merge = new();

    /// <summary>Each of the series that has samples with start ≤ time &lt; end, in order. The columns are valid until the next series.</summary>
    public IEnumerable<SeriesColumns> Read(int[] series, long start, long end, CancellationToken cancellation)
    {
        var next = 0;
        foreach (var columns in stored.ReadSamples(series, start, end, cancellation))
        {
            while (series[next] != columns.Series)
            {
                if (ReadHot(series[next++], start, end) is { Count: > 0 } alone) yield return alone;
            }

            var merged = _merge.Merge(columns, ReadHot(series[next++], start, end));
            merged.Series = columns.Series;
            if (merged.Count > 0) yield return merged;
        }

        while (next < series.Length)
        {
            cancellation.ThrowIfCancellationRequested();
            if (ReadHot(series[next++], start, end) is { Count: > 0 } alone) yield return alone;
        }
    }

    /// <summary>The hot samples alone. Valid until the next call.</summary>
    public SeriesColumns ReadHot(int series, long start, long end)
    {
        _hotColumns.Clear();
        _hotColumns.Series = series;
        hot.Read(series, start, end, _hotColumns);
        return _hotColumns;
    }
}
