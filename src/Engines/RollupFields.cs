namespace DataLayer.Engines;

/// <summary>What a reader of rollups wants besides start and count. The rest of a bucket is 0 then, or null.</summary>
[Flags]
public enum RollupFields
{
    None = 0,
    Sum = 1,
    MinMax = 2,
    FirstLast = 4,
    Sketch = 8,
    All = Sum | MinMax | FirstLast | Sketch,
}
