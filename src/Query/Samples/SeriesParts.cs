namespace DataLayer.Query.Samples;

/// <summary>
/// Cuts a list of series into parts: a small one first, so that a query whose limit is reached early reads little, then greater ones, so that one over many
/// series asks the engine seldom and still has work for several threads. How it is cut depends on nothing but the number of series.
/// </summary>
internal static class SeriesParts
{
    private const int First = 64;
    private const int NextMin = 256;
    private const int NextMax = 4096;

    /// <summary>Many series make about so many parts.</summary>
    private const int Many = 32;

    /// <param name="max">Series in a part, at most.</param>
    public static int[][] Of(int[] series, int max = NextMax)
    {
        if (series.Length <= Math.Min(First, max)) return series.Length == 0 ? [] : [series];
        var parts = new List<int[]>();
        var size = Math.Min(First, max);
        for (var at = 0; at < series.Length; at += parts[^1].Length)
        {
            parts.Add(series.AsSpan(at, Math.Min(size, series.Length - at)).ToArray());
            size = Math.Min(Math.Clamp(series.Length / Many, NextMin, NextMax), max);
        }

        return [.. parts];
    }
}
