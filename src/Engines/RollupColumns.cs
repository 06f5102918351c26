namespace DataLayer.Engines;

/// <summary>
/// Rollup buckets of one series, ascending by start. A bucket holds the samples with start ≤ time &lt; start + width; stale markers and
/// NaN are left out. Reused from series to series.
/// </summary>
public sealed class RollupColumns
{
    public int Series { get; set; } = -1;

    public List<RollupBucket> Buckets { get; } = [];
}
