namespace DataLayer.Engines.Lake;

/// <summary>Combines the rollup rows of one series, added in order of rank. Owned by one thread.</summary>
internal sealed class RollupFold
{
    // Ascending by start. Rows mostly come so, and are appended.
    private readonly List<(RollupBucket Bucket, bool Full)> _buckets = [];

    public void Add(in RollupBucket bucket, bool full)
    {
        if (_buckets.Count == 0 || _buckets[^1].Bucket.Start < bucket.Start)
        {
            _buckets.Add((bucket, full));
            return;
        }

        var at = IndexOf(bucket.Start);
        if (_buckets[at].Bucket.Start != bucket.Start) _buckets.Insert(at, (bucket, full));
        else _buckets[at] = full ? (bucket, true) : (RollupBuilder.Combine(_buckets[at].Bucket, bucket), _buckets[at].Full);
    }

    /// <summary>The buckets that hold samples.</summary>
    public void CopyTo(List<RollupBucket> buckets)
    {
        foreach (var (bucket, _) in _buckets)
        {
            if (bucket.Count > 0) buckets.Add(bucket);
        }
    }

    /// <summary>Gives out every row, those that only replace others as well, and starts anew.</summary>
    public void Drain(int series, RollupFileWriter writer)
    {
        foreach (var (bucket, full) in _buckets) writer.Append(series, bucket, full);
        _buckets.Clear();
    }

    /// <summary>The first bucket that does not start before; the last one does not.</summary>
    private int IndexOf(long start)
    {
        var (low, high) = (0, _buckets.Count - 1);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_buckets[middle].Bucket.Start < start) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
