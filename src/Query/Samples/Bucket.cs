using DataLayer.Engines;

namespace DataLayer.Query.Samples;

/// <summary>What is known of the samples of one bucket; NaN and stale markers are left out. Two of the same start can be added.</summary>
internal struct Bucket(long start)
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

    public void Add(long time, double value)
    {
        if (double.IsNaN(value)) return;
        Count++;
        Sum += value;
        if (value < Min) Min = value;
        if (value > Max) Max = value;
        if (time < FirstTime) (FirstTime, First) = (time, value);
        if (time >= LastTime) (LastTime, Last) = (time, value);
    }

    public void Add(in RollupBucket rollup)
    {
        if (rollup.Count == 0) return;
        Count += rollup.Count;
        Sum += rollup.Sum;
        if (rollup.Min < Min) Min = rollup.Min;
        if (rollup.Max > Max) Max = rollup.Max;
        if (rollup.FirstTime < FirstTime) (FirstTime, First) = (rollup.FirstTime, rollup.First);
        if (rollup.LastTime >= LastTime) (LastTime, Last) = (rollup.LastTime, rollup.Last);
    }

    /// <summary>The aggregate of a bucket with <see cref="Count"/> &gt; 0.</summary>
    public readonly double Value(AggregationKind kind) => kind switch
    {
        AggregationKind.Average => Sum / Count,
        AggregationKind.Sum => Sum,
        AggregationKind.Min => Min,
        AggregationKind.Max => Max,
        AggregationKind.Count => Count,
        AggregationKind.First => First,
        AggregationKind.Last => Last,
        _ => throw new InvalidOperationException($"{kind} cannot be derived from a bucket"),
    };
}
