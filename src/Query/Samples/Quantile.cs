namespace DataLayer.Query.Samples;

/// <summary>
/// The φ-quantile as Prometheus' quantile_over_time and NumPy's default compute it: rank φ·(n − 1) in the sorted values, linear between neighbours.
/// </summary>
internal static class Quantile
{
    /// <summary>Sorts <paramref name="values"/> (no NaN among them, not empty) in place.</summary>
    public static double Of(Span<double> values, double phi)
    {
        values.Sort();
        var rank = phi * (values.Length - 1);
        var lower = (int)Math.Floor(rank);
        var upper = Math.Min(lower + 1, values.Length - 1);
        var weight = rank - lower;

        // Equal neighbours (also infinite ones) need no arithmetic that could make NaN of them.
        if (weight == 0 || values[lower] == values[upper]) return values[lower];
        return (values[lower] * (1 - weight)) + (values[upper] * weight);
    }
}
