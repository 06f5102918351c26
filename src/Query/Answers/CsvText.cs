using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace DataLayer.Query.Answers;

/// <summary>Writes fields of CSV as RFC 4180 has it: quoted where a comma, a quote, a line break or a space at an end demands it.</summary>
internal static class CsvText
{
    private static readonly SearchValues<char> Special = SearchValues.Create(",\"\r\n");

    public static void Field(IBufferWriter<byte> output, ReadOnlySpan<char> text)
    {
        if (!text.ContainsAny(Special) && !(text.Length > 0 && (text[0] == ' ' || text[^1] == ' ')))
        {
            Encoding.UTF8.GetBytes(text, output);
            return;
        }

        output.Write("\""u8);
        while (text.IndexOf('"') is var quote and >= 0)
        {
            Encoding.UTF8.GetBytes(text[..(quote + 1)], output);
            output.Write("\""u8);
            text = text[(quote + 1)..];
        }

        Encoding.UTF8.GetBytes(text, output);
        output.Write("\""u8);
    }

    /// <summary>The shortest text that reads back as the same double; NaN, Infinity and -Infinity by name.</summary>
    public static void Double(IBufferWriter<byte> output, double value)
    {
        var span = output.GetSpan(32);
        value.TryFormat(span, out var written, default, CultureInfo.InvariantCulture);
        output.Advance(written);
    }

    public static void Float(IBufferWriter<byte> output, float value)
    {
        var span = output.GetSpan(32);
        value.TryFormat(span, out var written, default, CultureInfo.InvariantCulture);
        output.Advance(written);
    }

    public static void Int64(IBufferWriter<byte> output, long value)
    {
        var span = output.GetSpan(24);
        Utf8Formatter.TryFormat(value, span, out var written);
        output.Advance(written);
    }

    public static void Time(IBufferWriter<byte> output, long micros)
    {
        var span = output.GetSpan(TimeFormat.MaxBytes);
        output.Advance(TimeFormat.Rfc3339(micros, span));
    }
}
