using System.Buffers.Text;
using System.Globalization;

namespace DataLayer.Engines.Redis;

/// <summary>
/// A sample as Redis' latest values and messages have it: <c>time value quality version</c>, as <c>1772359200000000 21.5 1 4711</c>. Time in Unix microseconds, always 16 digits (so scripts
/// find it without looking for its end); the value is the shortest text that gives the same bits back, <c>inf</c>, <c>-inf</c>, <c>nan</c>, or <c>nan:</c> and its bits in hexadecimal.
/// </summary>
internal static class SampleText
{
    /// <summary>17 + 24 + 15 + 19 and three spaces.</summary>
    public const int MaxBytes = 80;

    /// <summary>Scripts compare times as doubles, which are exact up to here: years 1684 to 2255.</summary>
    public const long TimeMax = 1L << 53;

    private static readonly long CanonicalNan = BitConverter.DoubleToInt64Bits(double.NaN);

    /// <returns>Bytes written.</returns>
    public static int Write(Span<byte> into, long time, double value, float quality, long version)
    {
        var at = WriteTime(into, time);
        into[at++] = (byte)' ';
        at += WriteValue(into[at..], value);
        into[at++] = (byte)' ';
        quality.TryFormat(into[at..], out var written, "R", CultureInfo.InvariantCulture);
        at += written;
        into[at++] = (byte)' ';
        version.TryFormat(into[at..], out written, default, CultureInfo.InvariantCulture);
        return at + written;
    }

    public static int WriteTime(Span<byte> into, long time)
    {
        time.TryFormat(into, out var written, "D16", CultureInfo.InvariantCulture);
        return written;
    }

    /// <summary>False where the text is none of ours.</summary>
    public static bool TryRead(ReadOnlySpan<byte> text, out long time, out double value, out float quality, out long version)
    {
        (time, value, quality, version) = (0, 0, 0, 0);
        return Utf8Parser.TryParse(Next(ref text), out time, out var used) && used > 0
            && TryReadValue(Next(ref text), out value)
            && float.TryParse(Next(ref text), NumberStyles.Float, CultureInfo.InvariantCulture, out quality)
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out version);
    }

    private static int WriteValue(Span<byte> into, double value)
    {
        if (double.IsFinite(value))
        {
            value.TryFormat(into, out var written, "R", CultureInfo.InvariantCulture);
            return written;
        }

        if (!double.IsNaN(value)) return Copy(into, value > 0 ? "inf"u8 : "-inf"u8);
        var bits = BitConverter.DoubleToInt64Bits(value);
        if (bits == CanonicalNan) return Copy(into, "nan"u8);
        var at = Copy(into, "nan:"u8);
        bits.TryFormat(into[at..], out var digits, "x16", CultureInfo.InvariantCulture);
        return at + digits;
    }

    private static bool TryReadValue(ReadOnlySpan<byte> text, out double value)
    {
        if (text.SequenceEqual("inf"u8)) value = double.PositiveInfinity;
        else if (text.SequenceEqual("-inf"u8)) value = double.NegativeInfinity;
        else if (text.SequenceEqual("nan"u8)) value = double.NaN;
        else if (text.StartsWith("nan:"u8))
        {
            var isHex = long.TryParse(text[4..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var bits);
            value = BitConverter.Int64BitsToDouble(bits);
            return isHex;
        }
        else return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);

        return true;
    }

    private static ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> text)
    {
        var end = text.IndexOf((byte)' ');
        var part = end < 0 ? text : text[..end];
        text = end < 0 ? default : text[(end + 1)..];
        return part;
    }

    private static int Copy(Span<byte> into, ReadOnlySpan<byte> text)
    {
        text.CopyTo(into);
        return text.Length;
    }
}
