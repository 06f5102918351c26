namespace DataLayer.Engines.Lake;

/// <summary>Combines the rollup rows of one series, added in order of rank. Owned by one thread.</summary>
internal sealed class RollupFold
{
    private readonly SortedList<long, (RollupBucket Bucket, bool Full)> _buckets = [];

    public void Add(in RollupBucket bucket, bool full)
    {
        if (full || !_buckets.TryGetValue(bucket.Start, out var before)) _buckets[bucket.Start] = (bucket, full);
        else _buckets[bucket.Start] = (RollupBuilder.Combine(before.Bucket, bucket), before.Full);
    }

    /// <summary>The buckets that hold samples.</summary>
    public void CopyTo(List<RollupBucket> buckets)
    {
        foreach (var (bucket, _) in _buckets.Values)
        {
            if (bucket.Count > 0) buckets.Add(bucket);
        }
    }

    /// <summary>Gives out every row, those that only replace others as well, and starts anew.</summary>
    public void Drain(int series, RollupFileWriter writer)
    {
        foreach (var (bucket, full) in _buckets.Values) writer.Append(series, bucket, full);
        _buckets.Clear();
    }
}
