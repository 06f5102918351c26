namespace DataLayer.Query.Samples;

/// <summary>The value that says "the series ended here" (protocol, section 2.1: nil; stored as this bit pattern).</summary>
internal static class StaleMarker
{
    public const long Bits = 0x7FF0000000000002;

    public static bool Is(double value) => BitConverter.DoubleToInt64Bits(value) == Bits;
}
