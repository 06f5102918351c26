using System.Globalization;
using DataLayer.Query.Samples;

namespace DataLayer.Query.Tests;

/// <summary>What the store must hold, kept the naive way; and answers computed from it one sample at a time.</summary>
internal sealed class StoreModel
{
    public SortedDictionary<(int Series, long Time), double> Samples { get; } = [];

    public List<(long Time, double Value)> Range(int series, long start, long end) =>
        [.. Samples.Where(s => s.Key.Series == series && s.Key.Time >= start && s.Key.Time < end).Select(s => (s.Key.Time, s.Value))];

    public List<(long Time, double Value)> Buckets(int series, long start, long end, long? step, Aggregation aggregation) => Buckets([series], start, end, step, aggregation);

    /// <summary>Of several series as one.</summary>
    public List<(long Time, double Value)> Buckets(int[] series, long start, long end, long? step, Aggregation aggregation)
    {
        var buckets = new List<(long, double)>();
        foreach (var bucket in series.SelectMany(one => Range(one, start, end)).OrderBy(s => s.Time).GroupBy(s => step is { } width ? s.Time / width * width : start))
        {
            var values = bucket.Where(s => !double.IsNaN(s.Value)).ToList();
            if (values.Count == 0) continue;
            var (from, to) = step is { } width ? (Math.Max(start, bucket.Key), Math.Min(end, bucket.Key + width)) : (start, end);
            if (Value(values, from, to, aggregation) is { } value) buckets.Add((bucket.Key, value));
        }

        return buckets;
    }

    private static double? Value(List<(long Time, double Value)> samples, long start, long end, Aggregation aggregation)
    {
        var values = samples.ConvertAll(s => s.Value);
        return aggregation.Kind switch
        {
            AggregationKind.Average => values.Average(),
            AggregationKind.Sum => values.Sum(),
            AggregationKind.Min => values.Min(),
            AggregationKind.Max => values.Max(),
            AggregationKind.Count => values.Count,
            AggregationKind.First => values[0],
            AggregationKind.Last => values[^1],
            AggregationKind.Quantile => AtRank(values, aggregation.Quantile),
            AggregationKind.Rate => Rate(samples, start, end),
            _ => throw new InvalidOperationException(aggregation.Kind.ToString()),
        };
    }

    private static double AtRank(List<double> values, double phi)
    {
        values.Sort();
        var rank = phi * (values.Count - 1);
        var lower = values[(int)rank];
        var upper = values[Math.Min((int)rank + 1, values.Count - 1)];
        return lower + ((upper - lower) * (rank - (int)rank));
    }

    private static double? Rate(List<(long Time, double Value)> samples, long start, long end)
    {
        if (samples.Count < 2) return null;
        var increase = samples.Zip(samples.Skip(1), (a, b) => b.Value < a.Value ? b.Value : b.Value - a.Value).Sum();
        var sampled = (samples[^1].Time - samples[0].Time) / 1e6;
        var interval = sampled / (samples.Count - 1);
        var before = (samples[0].Time - start) / 1e6;
        var after = (end - samples[^1].Time) / 1e6;
        if (before >= interval * 1.1) before = interval / 2;
        if (after >= interval * 1.1) after = interval / 2;
        if (increase > 0 && samples[0].Value >= 0) before = Math.Min(before, sampled * samples[0].Value / increase);
        return increase / sampled * (sampled + before + after) / ((end - start) / 1e6);
    }

    public static string Show(IEnumerable<(long Time, double Value)> samples) =>
        string.Join(' ', samples.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Time}={s.Value}")));
}
