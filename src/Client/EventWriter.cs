using System.Collections;
using System.Text.Json;
using DataLayer.Protocol;

namespace DataLayer.Client;

/// <summary>Writes an <see cref="AgentEvent"/> as an event (protocol.md section 2.3, op 6). Its content is checked by the daemon alone.</summary>
public static class EventWriter
{
    /// <summary>Throws <see cref="ArgumentException"/> for a value that no message can hold.</summary>
    public static void Write(MsgPackWriter writer, AgentEvent one, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(one);
        using var document = new MsgPackWriter();
        WriteMap(document, one.Document);
        MessageEncoder.WriteEvent(writer, one.Type, one.Source, SampleWriter.UnixMicros(one.Time ?? now), document.Written);
    }

    private static void WriteMap(MsgPackWriter writer, IReadOnlyDictionary<string, object?> map)
    {
        writer.WriteMapHeader(map.Count);
        foreach (var (key, value) in map)
        {
            writer.WriteString(key);
            WriteValue(writer, value);
        }
    }

    private static void WriteValue(MsgPackWriter writer, object? value)
    {
        switch (value)
        {
            case null: writer.WriteNil(); break;
            case bool flag: writer.Write(flag); break;
            case ulong unsigned: writer.Write(unsigned); break;
            case sbyte or byte or short or ushort or int or uint or long: writer.Write(Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture)); break;
            case float single: writer.Write(single); break;
            case double number: writer.Write(number); break;
            case decimal exact: writer.Write((double)exact); break;
            case string text: writer.WriteString(text); break;
            case byte[] bytes: writer.WriteBinary(bytes); break;
            case DateTimeOffset time: writer.WriteTimestamp(SampleWriter.UnixMicros(time)); break;
            case JsonElement json: WriteJson(writer, json); break;
            case IReadOnlyDictionary<string, object?> map: WriteMap(writer, map); break;
            case IEnumerable list: WriteList(writer, [.. list.Cast<object?>()]); break;
            default: throw new ArgumentException($"an event cannot hold a {value.GetType().Name}");
        }
    }

    private static void WriteList(MsgPackWriter writer, List<object?> list)
    {
        writer.WriteArrayHeader(list.Count);
        foreach (var item in list) WriteValue(writer, item);
    }

    private static void WriteJson(MsgPackWriter writer, JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.True or JsonValueKind.False:
                writer.Write(json.GetBoolean());
                break;
            case JsonValueKind.Number when json.TryGetInt64(out var signed):
                writer.Write(signed);
                break;
            case JsonValueKind.Number when json.TryGetUInt64(out var unsigned):
                writer.Write(unsigned);
                break;
            case JsonValueKind.Number:
                writer.Write(json.GetDouble());
                break;
            case JsonValueKind.String:
                writer.WriteString(json.GetString()!);
                break;
            case JsonValueKind.Array:
                writer.WriteArrayHeader(json.GetArrayLength());
                foreach (var item in json.EnumerateArray()) WriteJson(writer, item);
                break;
            case JsonValueKind.Object:
                writer.WriteMapHeader(json.EnumerateObject().Count());
                foreach (var property in json.EnumerateObject())
                {
                    writer.WriteString(property.Name);
                    WriteJson(writer, property.Value);
                }

                break;
            default:
                writer.WriteNil();
                break;
        }
    }
}
