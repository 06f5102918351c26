using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DataLayer.Engines.Lake;

/// <summary>
/// Finds whether all values of a run are decimals with few digits: k / 10^scale, with the very same bits. Such a k compresses to about a byte where the double takes seven.
/// </summary>
internal static class DecimalScale
{
    public const int Max = 6;

    // |k| below 2^51: adding 1.5·2^52 then rounds to an integer in the low mantissa bits (Warren, Hacker's Delight, 2nd ed., section 17-1),
    // and k is exact as a double, so that k / divisor is one correctly rounded division, the same in every reader.
    private const double Limit = 1L << 51;
    private const double Magic = 6755399441055744.0;

    private static readonly double[] Divisors = [1, 10, 100, 1e3, 1e4, 1e5, 1e6];

    public static double DivisorOf(int scale) => Divisors[scale];

    /// <summary>
    /// Writes k of every value to <paramref name="scaled"/> and the scale, trying <paramref name="guess"/> first and then the least that fits.
    /// False where no scale from 0 to 6 gives back every bit: NaN, infinities, -0.0, more digits.
    /// Thread: any. Allocates: no. Blocks: no. Fails: returns false.
    /// </summary>
    public static bool TryScale(ReadOnlySpan<double> values, int guess, Span<long> scaled, out int scale)
    {
        scale = Math.Clamp(guess, 0, Max);
        if (values.IsEmpty) return true;
        if (Fits(values[0], scale) && Convert(values, Divisors[scale], scaled) == values.Length) return true;

        // A guess that is too fine may put a large value out of range, so the search starts at the bottom.
        if (!TryLeast(values[0], 0, out scale)) return false;
        while (true)
        {
            var done = Convert(values, Divisors[scale], scaled);
            if (done == values.Length) return true;
            if (!TryLeast(values[done], scale + 1, out scale)) return false;
        }
    }

    private static bool TryLeast(double value, int from, out int scale)
    {
        for (scale = from; scale <= Max; scale++)
        {
            if (Fits(value, scale)) return true;
        }

        scale = 0;
        return false;
    }

    private static bool Fits(double value, int scale) => TryConvert(value, Divisors[scale], out _);

    private static bool TryConvert(double value, double divisor, out long scaled)
    {
        var product = value * divisor;
        var shifted = product + Magic;
        var whole = shifted - Magic;
        scaled = BitConverter.DoubleToInt64Bits(shifted) - BitConverter.DoubleToInt64Bits(Magic);
        return Math.Abs(product) < Limit && BitConverter.DoubleToInt64Bits(whole / divisor) == BitConverter.DoubleToInt64Bits(value);
    }

    /// <summary>Converts from the front until a value does not fit; returns how many did.</summary>
    private static int Convert(ReadOnlySpan<double> values, double divisor, Span<long> scaled)
    {
        var index = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            ref var source = ref MemoryMarshal.GetReference(values);
            ref var target = ref MemoryMarshal.GetReference(scaled[..values.Length]);
            var (divisors, magic, limit) = (Vector256.Create(divisor), Vector256.Create(Magic), Vector256.Create(Limit));
            for (; index <= values.Length - Vector256<double>.Count; index += Vector256<double>.Count)
            {
                var value = Vector256.LoadUnsafe(ref source, (nuint)index);
                var product = value * divisors;
                var shifted = product + magic;
                var whole = shifted - magic;
                var inRange = Vector256.LessThan(Vector256.Abs(product), limit);
                var same = Vector256.Equals((whole / divisors).AsInt64(), value.AsInt64());
                if (!Vector256.EqualsAll(inRange.AsInt64() & same, Vector256<long>.AllBitsSet)) break;
                (shifted.AsInt64() - magic.AsInt64()).StoreUnsafe(ref target, (nuint)index);
            }
        }

        for (; index < values.Length; index++)
        {
            if (!TryConvert(values[index], divisor, out scaled[index])) break;
        }

        return index;
    }
}
