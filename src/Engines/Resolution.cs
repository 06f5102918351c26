namespace DataLayer.Engines;

/// <summary>The width of a rollup's buckets.</summary>
public enum Resolution
{
    Minute,
    Hour,
}
