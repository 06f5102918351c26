using System.Numerics;

namespace DataLayer.Query.Samples;

/// <summary>
/// The φ-quantile as Prometheus' quantile_over_time and NumPy's default compute it: rank φ·(n − 1) in the sorted values, linear between neighbours.
/// </summary>
internal static class Quantile
{
    /// <summary>Reorders <paramref name="values"/> (no NaN among them, not empty). Takes time in proportion to their number; where they are made to be slow, that of a sort.</summary>
    public static double Of(Span<double> values, double phi)
    {
        var rank = phi * (values.Length - 1);
        var lower = (int)Math.Floor(rank);
        var weight = rank - lower;
        var left = Select(values, lower);
        if (weight == 0) return left;
        var right = Least(values[(lower + 1)..]);

        // Equal neighbours (also infinite ones) need no arithmetic that could make NaN of them.
        return left == right ? left : (left * (1 - weight)) + (right * weight);
    }

    /// <summary>The value that would be at <paramref name="rank"/> if they were sorted; those after it are not less then (Hoare's selection).</summary>
    private static double Select(Span<double> values, int rank)
    {
        var (from, to) = (0, values.Length - 1);
        for (var turnsLeft = 2 * BitOperations.Log2((uint)values.Length) + 8; from < to; turnsLeft--)
        {
            if (turnsLeft == 0)
            {
                values[from..(to + 1)].Sort();
                break;
            }

            var pivot = Middle(values[from], values[from + ((to - from) / 2)], values[to]);
            var (low, high) = (from, to);
            while (low <= high)
            {
                while (values[low] < pivot) low++;
                while (values[high] > pivot) high--;
                if (low > high) break;
                (values[low], values[high]) = (values[high], values[low]);
                low++;
                high--;
            }

            if (rank <= high) to = high;
            else if (rank >= low) from = low;
            else break;
        }

        return values[rank];
    }

    private static double Least(ReadOnlySpan<double> values)
    {
        var least = values[0];
        foreach (var value in values) least = Math.Min(least, value);
        return least;
    }

    private static double Middle(double a, double b, double c) => Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
}
