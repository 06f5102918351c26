namespace DataLayer.Engines.Lake;

/// <summary>The decimal scale that each series had last: the first guess for its next samples, a byte per series. Owned by: the writer, whose threads each have series of their own and have reserved room for all.</summary>
internal sealed class ScaleMemory
{
    private sbyte[] _scales = new sbyte[1024];

    public void Reserve(int series)
    {
        if (series > _scales.Length) Array.Resize(ref _scales, Math.Max(series, _scales.Length * 2));
    }

    public ref sbyte Of(int series)
    {
        if (series >= _scales.Length) Array.Resize(ref _scales, Math.Max(series + 1, _scales.Length * 2));
        return ref _scales[series];
    }
}
