namespace DataLayer.LoadTest.Soak;

/// <summary>Whether something stays as it is over the second half of a soak. The first half is for filling: pools, the hot store, the lake up to its retention.</summary>
/// <param name="Mean">Over the second half.</param>
/// <param name="Growth">How much more the line of best fit has at the end than at the half.</param>
/// <param name="Allowed">The most that it may grow.</param>
internal sealed record SoakVerdict(string What, double Mean, double Growth, double Allowed)
{
    public bool IsFlat => Growth <= Allowed;

    /// <summary>Growth may be a part of the mean, or <paramref name="slack"/>, whichever is more.</summary>
    public static SoakVerdict Of(string what, IReadOnlyList<SoakSample> samples, Func<SoakSample, double> value, double part, double slack)
    {
        SoakSample[] half = [.. samples.Skip(samples.Count / 2)];
        var mean = half.Length == 0 ? 0 : half.Average(value);
        return new SoakVerdict(what, mean, Slope(half, value) * (half.Length == 0 ? 0 : half[^1].Seconds - half[0].Seconds), Math.Max(part * mean, slack));
    }

    /// <summary>Least squares, per second.</summary>
    private static double Slope(SoakSample[] samples, Func<SoakSample, double> value)
    {
        if (samples.Length < 2) return 0;
        var (x, y) = (samples.Average(sample => sample.Seconds), samples.Average(value));
        var spread = samples.Sum(sample => (sample.Seconds - x) * (sample.Seconds - x));
        return spread == 0 ? 0 : samples.Sum(sample => (sample.Seconds - x) * (value(sample) - y)) / spread;
    }
}
