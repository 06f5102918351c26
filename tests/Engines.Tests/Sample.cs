namespace DataLayer.Engines.Tests;

/// <summary>One sample, as tests speak of it.</summary>
internal readonly record struct Sample(int Series, long Time, double Value, float Quality = 1f)
{
    /// <summary>The value's bits: NaN differs from NaN only so.</summary>
    public long Bits => BitConverter.DoubleToInt64Bits(Value);
}
