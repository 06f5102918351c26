namespace DataLayer.Ingest.Shards;

/// <summary>The running aggregate of a series while a run is added to it: kept in registers, published once. Owned by: the shard's thread.</summary>
internal ref struct AggregateRun
{
    private long _maxTime;
    private long _lastTime;
    private double _lastValue;
    private double _sum;
    private double _min;
    private double _max;
    private long _count;

    public AggregateRun(in SeriesAggregate aggregate)
    {
        (_maxTime, _lastTime, _lastValue) = (aggregate.MaxTime, aggregate.LastTime, aggregate.LastValue);
        (_sum, _min, _max, _count) = (aggregate.Sum, aggregate.Min, aggregate.Max, aggregate.Count);
    }

    /// <summary>Adds one sample; NaN moves only the greatest time.</summary>
    public void Add(long time, double value)
    {
        if (time > _maxTime) _maxTime = time;
        if (double.IsNaN(value)) return;
        if (time >= _lastTime || _count == 0) (_lastTime, _lastValue) = (time, value);
        _sum += value;
        if (value < _min) _min = value;
        if (value > _max) _max = value;
        _count++;
    }

    public readonly void Publish(ref SeriesAggregate aggregate)
    {
        Volatile.Write(ref aggregate.Version, aggregate.Version + 1); // Odd: readers wait. Pairs with Shard.TryGetAggregate.
        Volatile.WriteBarrier(); // A volatile write keeps back what is before it, not what follows: without this, ARM may show new fields under the old version.
        (aggregate.MaxTime, aggregate.LastTime, aggregate.LastValue) = (_maxTime, _lastTime, _lastValue);
        (aggregate.Sum, aggregate.Min, aggregate.Max, aggregate.Count) = (_sum, _min, _max, _count);
        Volatile.Write(ref aggregate.Version, aggregate.Version + 1);
    }
}
