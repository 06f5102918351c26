namespace DataLayer.Query.Samples;

/// <summary>
/// Cuts a list of series into parts, small ones first: a query whose limit is reached early reads little, one over many series asks the engine seldom.
/// </summary>
internal static class SeriesParts
{
    private const int First = 64;
    private const int Growth = 4;

    public static IEnumerable<int[]> Of(int[] series, int max = 4096)
    {
        if (series.Length <= Math.Min(First, max))
        {
            if (series.Length > 0) yield return series;
            yield break;
        }

        var size = Math.Min(First, max);
        for (var at = 0; at < series.Length;)
        {
            var count = Math.Min(size, series.Length - at);
            yield return series.AsSpan(at, count).ToArray();
            at += count;
            size = Math.Min(size * Growth, max);
        }
    }
}
