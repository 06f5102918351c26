using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using DataLayer.Protocol;

namespace DataLayer.Query.Answers;

/// <summary>What JSON answers have in common: times, doubles that JSON has no number for, names and labels.</summary>
internal static class JsonText
{
    /// <summary>Answers are application/json, never put into HTML, so only what JSON itself demands is escaped. Structure is ours: not validated again.</summary>
    public static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Enough for any double or float.</summary>
    public const int DoubleBytesMax = 32;

    public static void UnixSeconds(Utf8JsonWriter json, long micros)
    {
        Span<byte> text = stackalloc byte[TimeFormat.MaxBytes];
        json.WriteRawValue(text[..TimeFormat.UnixSeconds(micros, text)], skipInputValidation: true);
    }

    public static void Rfc3339(Utf8JsonWriter json, long micros)
    {
        Span<byte> text = stackalloc byte[TimeFormat.MaxBytes];
        json.WriteStringValue(text[..TimeFormat.Rfc3339(micros, text)]);
    }

    /// <summary>A number; "NaN", "Infinity" and "-Infinity" as strings, since JSON has no numbers for them.</summary>
    public static void Double(Utf8JsonWriter json, double value)
    {
        Span<byte> text = stackalloc byte[DoubleBytesMax];
        json.WriteRawValue(text[..Double(value, text)], skipInputValidation: true);
    }

    /// <summary>The same as text of its own, without allocation. Returns the bytes written.</summary>
    public static int Double(double value, Span<byte> text)
    {
        if (double.IsFinite(value))
        {
            value.TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
            return length;
        }

        var word = double.IsNaN(value) ? "\"NaN\""u8 : value > 0 ? "\"Infinity\""u8 : "\"-Infinity\""u8;
        word.CopyTo(text);
        return word.Length;
    }

    /// <summary>A finite number.</summary>
    public static int Float(float value, Span<byte> text)
    {
        value.TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
        return length;
    }

    /// <summary>The properties "name" and "labels" of a series.</summary>
    public static void NameAndLabels(Utf8JsonWriter json, ReadOnlySpan<byte> key)
    {
        var reader = new SeriesKeyReader(key);
        json.WriteString("name"u8, reader.Name);
        json.WriteStartObject("labels"u8);
        while (reader.TryNext(out var name, out var value)) json.WriteString(name, value);
        json.WriteEndObject();
    }
}
