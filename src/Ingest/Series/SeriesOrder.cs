namespace DataLayer.Ingest.Series;

/// <summary>
/// The order in which engines store and queries answer series: metric by metric (the first series with a name stands for it), and within one by number.
/// It keeps what is asked for together side by side, and never changes, as a series' number and name do not.
/// </summary>
public static class SeriesOrder
{
    /// <summary>Compares as the series do.</summary>
    public static long Of(ISeriesCatalog catalog, int series)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return Of(catalog.MetricOf(series), series);
    }

    /// <param name="metric">The first series with the series' name.</param>
    public static long Of(int metric, int series) => ((long)metric << 32) | (uint)series;

    /// <summary>Puts series numbers in order.</summary>
    public static void Sort(ISeriesCatalog catalog, Span<int> series)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        var isSorted = true;
        var keys = new long[series.Length];
        for (var at = 0; at < keys.Length; at++)
        {
            keys[at] = Of(catalog, series[at]);
            isSorted &= at == 0 || keys[at - 1] < keys[at];
        }

        if (!isSorted) keys.AsSpan().Sort(series);
    }

    /// <summary>All series from 0 on, in order.</summary>
    internal static int[] All(ISeriesCatalog catalog, int count)
    {
        var series = new int[count];
        for (var number = 0; number < count; number++) series[number] = number;
        Sort(catalog, series);
        return series;
    }
}
