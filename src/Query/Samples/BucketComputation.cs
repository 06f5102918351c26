using System.Runtime.InteropServices;
using DataLayer.Ingest.Records;

namespace DataLayer.Query.Samples;

/// <summary>Makes rate and quantiles of buckets from all samples of a series. Owned by one thread.</summary>
internal sealed class BucketComputation(BucketGrid grid, Aggregation aggregation)
{
    private readonly SeriesColumns _rows = new();
    private readonly List<double> _values = [];

    /// <summary>A row for each bucket that has a value. Valid until the next call.</summary>
    public SeriesColumns Of(SeriesColumns samples)
    {
        _rows.Clear();
        _rows.Series = samples.Series;
        for (var from = 0; from < samples.Count;)
        {
            var start = grid.StartOf(samples.Times[from]);
            var end = grid.EndOf(start);
            var to = from + 1;
            while (to < samples.Count && samples.Times[to] < end) to++;
            if (Value(samples.Times.AsSpan(from, to - from), samples.Values.AsSpan(from, to - from), grid.Extent(start)) is { } value) _rows.Append(start, value);
            from = to;
        }

        return _rows;
    }

    private double? Value(ReadOnlySpan<long> times, ReadOnlySpan<double> values, (long Start, long End) extent)
    {
        if (aggregation.Kind == AggregationKind.Rate) return CounterRate.Of(times, values, extent.Start, extent.End);
        _values.Clear();
        foreach (var value in values)
        {
            if (!double.IsNaN(value)) _values.Add(value);
        }

        return _values.Count == 0 ? null : Quantile.Of(CollectionsMarshal.AsSpan(_values), aggregation.Quantile);
    }
}
