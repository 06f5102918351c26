namespace DataLayer.Ingest.Shards;

/// <summary>
/// Running aggregates of one series since the daemon started, one cache line. Written by the shard's thread; a reader checks
/// <see cref="Version"/> before and after (odd: being written).
/// </summary>
internal struct SeriesAggregate
{
    /// <summary>The greatest time seen, from the lake too: what comes at or before it is out of order. long.MinValue: none.</summary>
    public long MaxTime;
    public long LastTime;
    public double LastValue;
    public double Sum;
    public double Min;
    public double Max;
    public long Count;
    public long Version;
}
