namespace DataLayer.Cli.Render;

/// <summary>A row of values as one line of bars: ▁▂▃▄▅▆▇█; a gap where there is none.</summary>
internal static class Sparkline
{
    private const string Bars = "▁▂▃▄▅▆▇█";

    /// <summary>At most <paramref name="width"/> characters; where there are more values, each character is the mean of its share.</summary>
    public static string Of(IReadOnlyList<double> values, int width)
    {
        var finite = values.Where(double.IsFinite).ToList();
        if (finite.Count == 0) return "";
        var (low, high) = (finite.Min(), finite.Max());
        var count = Math.Min(width, values.Count);
        return string.Create(count, (values, low, high), static (line, state) =>
        {
            for (var i = 0; i < line.Length; i++)
            {
                var start = (int)((long)i * state.values.Count / line.Length);
                var end = (int)((long)(i + 1) * state.values.Count / line.Length);
                line[i] = Bar(Mean(state.values, start, end), state.low, state.high);
            }
        });
    }

    private static double Mean(IReadOnlyList<double> values, int start, int end)
    {
        var (sum, count) = (0d, 0);
        for (var i = start; i < end; i++)
        {
            if (!double.IsFinite(values[i])) continue;
            sum += values[i];
            count++;
        }

        return count == 0 ? double.NaN : sum / count;
    }

    private static char Bar(double value, double low, double high)
    {
        if (double.IsNaN(value)) return ' ';
        var share = high > low ? (value - low) / (high - low) : 0.5;
        return Bars[Math.Clamp((int)(share * Bars.Length), 0, Bars.Length - 1)];
    }
}
