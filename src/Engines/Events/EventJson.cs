using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using DataLayer.Protocol;

namespace DataLayer.Engines.Events;

/// <summary>
/// A MessagePack document as JSON, for people and for SQL; the MessagePack stays the truth. Integers and finite floats are numbers, NaN and infinities the strings
/// "NaN", "Infinity", "-Infinity"; binary is base64; a timestamp is RFC 3339 in UTC; any other extension is {"type", "data"}; a key that is no string is its JSON as text; bytes in a string that are not UTF-8 become U+FFFD.
/// </summary>
public static class EventJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The document as JSON text. Allocates.</summary>
    public static byte[] ToUtf8(ReadOnlySpan<byte> document)
    {
        var buffer = new ArrayBufferWriter<byte>(Math.Max(64, document.Length * 2));
        using (var json = new Utf8JsonWriter(buffer, Options)) Write(json, document);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes one value. What is no MessagePack (our fault: it was checked when it came) becomes null.</summary>
    public static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> document)
    {
        ArgumentNullException.ThrowIfNull(json);
        var reader = new MsgPackReader(document);
        WriteValue(json, ref reader);
    }

    private static void WriteValue(Utf8JsonWriter json, ref MsgPackReader reader)
    {
        switch (reader.PeekKind())
        {
            case MsgPackKind.Boolean when reader.TryReadBoolean(out var flag):
                json.WriteBooleanValue(flag);
                break;
            case MsgPackKind.Integer when reader.TryReadInt64(out var signed):
                json.WriteNumberValue(signed);
                break;
            case MsgPackKind.Integer when reader.TryReadUInt64(out var unsigned):
                json.WriteNumberValue(unsigned);
                break;
            case MsgPackKind.Float when reader.TryReadDouble(out var number):
                WriteNumber(json, number);
                break;
            case MsgPackKind.String when reader.TryReadString(out var text):
                if (Utf8.IsValid(text)) json.WriteStringValue(text);
                else json.WriteStringValue(Encoding.UTF8.GetString(text));
                break;
            case MsgPackKind.Binary when reader.TryReadBinary(out var bytes):
                json.WriteBase64StringValue(bytes);
                break;
            case MsgPackKind.Array when reader.TryReadArrayHeader(out var count):
                json.WriteStartArray();
                for (; count > 0; count--) WriteValue(json, ref reader);
                json.WriteEndArray();
                break;
            case MsgPackKind.Map when reader.TryReadMapHeader(out var pairs):
                WriteMap(json, ref reader, pairs);
                break;
            case MsgPackKind.Extension:
                WriteExtension(json, ref reader);
                break;
            default:
                reader.TryReadNil();
                json.WriteNullValue();
                break;
        }
    }

    private static void WriteMap(Utf8JsonWriter json, ref MsgPackReader reader, int pairs)
    {
        json.WriteStartObject();
        for (; pairs > 0; pairs--)
        {
            if (reader.TryReadString(out var key))
            {
                if (Utf8.IsValid(key)) json.WritePropertyName(key);
                else json.WritePropertyName(Encoding.UTF8.GetString(key));
            }
            else
            {
                var start = reader.Position;
                if (!reader.TrySkip()) break;
                json.WritePropertyName(ToUtf8(reader.Since(start)));
            }

            WriteValue(json, ref reader);
        }

        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, double number)
    {
        if (double.IsFinite(number)) json.WriteNumberValue(number);
        else json.WriteStringValue(double.IsNaN(number) ? "NaN"u8 : number > 0 ? "Infinity"u8 : "-Infinity"u8);
    }

    private static void WriteExtension(Utf8JsonWriter json, ref MsgPackReader reader)
    {
        if (reader.TryReadTimestamp(out var micros) && micros >= -62_135_596_800_000_000 && micros <= 253_402_300_799_999_999)
        {
            json.WriteStringValue(DateTimeOffset.UnixEpoch.AddMicroseconds(micros).UtcDateTime);
            return;
        }

        if (!reader.TryReadExtension(out var type, out var data))
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        json.WriteNumber("type", type);
        json.WriteBase64String("data", data);
        json.WriteEndObject();
    }
}
