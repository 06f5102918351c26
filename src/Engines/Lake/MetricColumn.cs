using DataLayer.Ingest.Series;

namespace DataLayer.Engines.Lake;

/// <summary>The first column of sample and rollup files: it is never read but for checks, its statistics say which metrics a row group holds.</summary>
internal static class MetricColumn
{
    /// <summary>The metric of each row.</summary>
    public static void Fill(ISeriesCatalog catalog, ReadOnlySpan<int> series, Span<int> metrics)
    {
        for (var from = 0; from < series.Length;)
        {
            var length = series[from..].IndexOfAnyExcept(series[from]);
            if (length < 0) length = series.Length - from;
            metrics.Slice(from, length).Fill(catalog.MetricOf(series[from]));
            from += length;
        }
    }

    /// <summary>What a row group of rows in <see cref="SeriesOrder"/> holds.</summary>
    public static RowGroupStats Stats(ReadOnlySpan<int> metrics, ReadOnlySpan<int> series, long minTime, long maxTime)
    {
        var (min, max) = (series[0], series[0]);
        foreach (var number in series) (min, max) = (Math.Min(min, number), Math.Max(max, number));
        return new RowGroupStats(series.Length, metrics[0], metrics[^1], min, max, minTime, maxTime);
    }
}
