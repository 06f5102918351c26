using System.Diagnostics;
using DataLayer.Engines;

namespace DataLayer.Query.Samples;

/// <summary>What is known of the samples of one bucket; NaN and stale markers are left out. Two of the same start can be added.</summary>
/// <param name="sketch">Null where no quantile is asked for.</param>
internal struct Bucket(long start, QuantileSketch? sketch)
{
    public long Start = start;
    public long Count;
    public double Sum;
    public double Min = double.PositiveInfinity;
    public double Max = double.NegativeInfinity;
    public long FirstTime = long.MaxValue;
    public double First;
    public long LastTime = long.MinValue;
    public double Last;

    /// <summary>Samples came by rollups that keep no sketch: the quantiles are not known.</summary>
    private bool _isUnsketched;

    public void Add(long time, double value)
    {
        if (double.IsNaN(value)) return;
        Count++;
        sketch?.Add(value);
        Sum += value;
        if (value < Min) Min = value;
        if (value > Max) Max = value;
        if (time < FirstTime) (FirstTime, First) = (time, value);
        if (time >= LastTime) (LastTime, Last) = (time, value);
    }

    /// <summary>Adds what a row of rollups says, as far as it was read.</summary>
    public void Add(RollupRows rows, int row)
    {
        var count = rows.Counts[row];
        if (count == 0) return;
        Count += count;
        if (rows.Sums is { } sums) Sum += sums[row];
        if (rows.Mins is { } mins && mins[row] < Min) Min = mins[row];
        if (rows.Maxs is { } maxs && maxs[row] > Max) Max = maxs[row];
        if (rows.FirstTimes is { } firstTimes && firstTimes[row] < FirstTime) (FirstTime, First) = (firstTimes[row], rows.Firsts![row]);
        if (rows.LastTimes is { } lastTimes && lastTimes[row] >= LastTime) (LastTime, Last) = (lastTimes[row], rows.Lasts![row]);
        if (sketch is null) return;
        if (rows.Sketches?[row] is { } stored) sketch.Merge(QuantileSketch.FromBytes(stored));
        else _isUnsketched = true;
    }

    /// <summary>Adds another bucket's samples, which come after these. Neither has a sketch.</summary>
    public void Add(in Bucket other)
    {
        Debug.Assert(sketch is null && !other._isUnsketched, "sketches are not added here");
        Count += other.Count;
        Sum += other.Sum;
        if (other.Min < Min) Min = other.Min;
        if (other.Max > Max) Max = other.Max;
        if (other.FirstTime < FirstTime) (FirstTime, First) = (other.FirstTime, other.First);
        if (other.LastTime >= LastTime) (LastTime, Last) = (other.LastTime, other.Last);
    }

    /// <summary>The aggregate; null where there is no sample, or none that tells.</summary>
    public readonly double? Value(Aggregation aggregation) => Count == 0 ? null : aggregation.Kind switch
    {
        AggregationKind.Average => Sum / Count,
        AggregationKind.Sum => Sum,
        AggregationKind.Min => Min,
        AggregationKind.Max => Max,
        AggregationKind.Count => Count,
        AggregationKind.First => First,
        AggregationKind.Last => Last,
        AggregationKind.Quantile => sketch is null || _isUnsketched ? null : sketch.Quantile(aggregation.Quantile),
        _ => throw new InvalidOperationException($"{aggregation.Kind} cannot be derived from a bucket"),
    };
}
