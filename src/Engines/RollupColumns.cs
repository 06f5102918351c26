namespace DataLayer.Engines;

/// <summary>
/// Rollup buckets of one series. A bucket holds the samples with start ≤ time &lt; start + width; stale markers and NaN are left out. The rows of one
/// bucket, which may lie in several slices, add up. Reused from series to series.
/// </summary>
public sealed class RollupColumns
{
    public int Series { get; set; } = -1;

    /// <summary>In no order.</summary>
    public List<RollupSlice> Slices { get; } = [];
}
