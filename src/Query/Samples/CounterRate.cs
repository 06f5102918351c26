namespace DataLayer.Query.Samples;

/// <summary>
/// Increase per second of a counter over a range, as Prometheus' <c>rate()</c> computes it (promql/functions.go, extrapolatedRate): the difference of
/// last and first sample plus the value before each reset, extrapolated to the ends of the range where the samples reach near them
/// (within 1.1 average intervals, else by half an interval, and never below zero), divided by the length of the range.
/// </summary>
internal static class CounterRate
{
    private const double MicrosPerSecond = 1e6;

    /// <summary>Null with fewer than two samples. NaN (stale markers too) are left out.</summary>
    public static double? Of(ReadOnlySpan<long> times, ReadOnlySpan<double> values, long rangeStart, long rangeEnd)
    {
        var (count, increase) = (0, 0.0);
        var (firstTime, lastTime) = (0L, 0L);
        var (first, last) = (0.0, 0.0);
        for (var i = 0; i < times.Length; i++)
        {
            var value = values[i];
            if (double.IsNaN(value)) continue;
            if (count++ == 0) (firstTime, first) = (times[i], value);
            else if (value < last) increase += last; // A reset: it began again at zero.
            (lastTime, last) = (times[i], value);
        }

        if (count < 2) return null;
        increase += last - first;
        var sampled = (lastTime - firstTime) / MicrosPerSecond;
        var interval = sampled / (count - 1);
        var toStart = (firstTime - rangeStart) / MicrosPerSecond;
        var toEnd = (rangeEnd - lastTime) / MicrosPerSecond;
        var threshold = interval * 1.1;
        if (toStart >= threshold) toStart = interval / 2;
        if (increase > 0 && first >= 0) toStart = Math.Min(toStart, sampled * (first / increase));
        if (toEnd >= threshold) toEnd = interval / 2;
        return increase * ((sampled + toStart + toEnd) / sampled) / ((rangeEnd - rangeStart) / MicrosPerSecond);
    }
}
