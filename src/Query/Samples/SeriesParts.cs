namespace DataLayer.Query.Samples;

/// <summary>
/// Cuts a list of series into even parts. Few ones, as what is stored of neighbours is read together, and each part reads it for itself; but work for several threads.
/// Of many series the first part is a small one, so that a query whose limit is reached early reads little. How it is cut depends on nothing but the number of series.
/// </summary>
internal static class SeriesParts
{
    private const int First = 64;
    private const int AloneMax = 255;

    /// <summary>About the series of a row group that has an hour of samples, one every ten seconds.</summary>
    private const int Wanted = 384;

    private const int CountMax = 32;
    private const int SizeMax = 4096;

    /// <param name="max">Series in a part, at most.</param>
    public static int[][] Of(int[] series, int max = SizeMax)
    {
        var parts = new List<int[]>();
        var from = 0;
        if (series.Length > 2 * SizeMax && max > First)
        {
            parts.Add(series[..First]);
            from = First;
        }

        var left = series.Length - from;
        var wanted = left <= AloneMax ? 1 : Math.Clamp(left / Wanted, 2, CountMax);
        var count = Math.Max(wanted, (left + max - 1) / max);
        for (var part = 0; part < count && left > 0; part++)
        {
            var to = series.Length - (int)((long)left * (count - part - 1) / count);
            parts.Add(series[from..to]);
            from = to;
        }

        return [.. parts];
    }
}
