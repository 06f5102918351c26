using System.Globalization;
using DataLayer.Engines;

namespace DataLayer.Query.Samples;

/// <summary>An aggregation as asked for: <c>avg sum min max count first last rate</c>, or <c>p50</c>, <c>p95</c>, <c>p99</c>, <c>p999</c> (= 99.9 %), <c>p99.9</c>.</summary>
/// <param name="Quantile">In [0, 1] for <see cref="AggregationKind.Quantile"/>, else 0.</param>
public readonly record struct Aggregation(AggregationKind Kind, double Quantile)
{
    public bool IsQuantile => Kind == AggregationKind.Quantile;

    /// <summary>Whether rollups (count, sum, min, max, first, last) hold all that the answer needs.</summary>
    public bool IsDerivable => Kind is not (AggregationKind.Rate or AggregationKind.Quantile);

    /// <summary>Whether it means something over the samples of several series at once.</summary>
    public bool IsPoolable => Kind is AggregationKind.Average or AggregationKind.Sum or AggregationKind.Min or AggregationKind.Max or AggregationKind.Count;

    /// <summary>What has to be read of rollups for it.</summary>
    public RollupFields Fields => Kind switch
    {
        AggregationKind.Average or AggregationKind.Sum => RollupFields.Sum,
        AggregationKind.Min or AggregationKind.Max => RollupFields.MinMax,
        AggregationKind.First or AggregationKind.Last => RollupFields.FirstLast,
        AggregationKind.Quantile => RollupFields.Sketch,
        _ => RollupFields.None,
    };

    /// <summary>Throws <see cref="QueryException"/> when <paramref name="text"/> names no aggregation.</summary>
    public static Aggregation Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        AggregationKind? kind = text switch
        {
            "avg" or "mean" => AggregationKind.Average,
            "sum" => AggregationKind.Sum,
            "min" => AggregationKind.Min,
            "max" => AggregationKind.Max,
            "count" => AggregationKind.Count,
            "first" => AggregationKind.First,
            "last" => AggregationKind.Last,
            "rate" => AggregationKind.Rate,
            _ => null,
        };
        if (kind is { } known) return new Aggregation(known, 0);
        if (TryQuantile(text, out var quantile)) return new Aggregation(AggregationKind.Quantile, quantile);
        throw QueryException.BadRequest(
            $"agg: '{(text.Length > 40 ? text[..40] : text)}' is not known; use avg, sum, min, max, count, first, last, rate, or a percentile such as p50, p95, p99, p999, p99.9");
    }

    /// <summary>Two digits are per cent, each one more is a tenth of the one before: p5 = 5 %, p99 = 99 %, p999 = 99.9 %, p9999 = 99.99 %. p100 is the maximum.</summary>
    private static bool TryQuantile(string text, out double quantile)
    {
        quantile = 0;
        if (text.Length is < 2 or > 12 || text[0] != 'p' || !char.IsAsciiDigit(text[1])) return false;
        var digits = text.AsSpan(1);
        var percent = digits is "100" || digits.Length <= 2 || digits.Contains('.') ? digits.ToString() : $"{digits[..2]}.{digits[2..]}";
        if (!decimal.TryParse(percent, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) || value > 100) return false;
        quantile = (double)(value / 100);
        return true;
    }
}
