using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace DataLayer.Protocol;

/// <summary>
/// Writes whole messages of every kind in protocol.md section 2, for senders and for the server. Nothing is checked: the receiver does that.
/// Thread: the owner of the writer. Allocates: no. Blocks: no. Fails: never.
/// </summary>
public static class MessageEncoder
{
    /// <summary>A batch's array header, op, seq, codec, length and bin header take at most this.</summary>
    public const int MaxBatchHeaderBytes = 1 + 1 + 9 + 1 + 5 + 5;

    public static void WriteHello(MsgPackWriter writer, string? agent = null, string? token = null, AckMode? ack = null)
    {
        writer.WriteArrayHeader(2);
        writer.Write(Op.Hello);
        writer.WriteMapHeader(1 + (agent is null ? 0 : 1) + (token is null ? 0 : 1) + (ack is null ? 0 : 1));
        writer.WriteString("v"u8);
        writer.Write(ProtocolLimits.Version);
        if (agent is not null)
        {
            writer.WriteString("agent"u8);
            writer.WriteString(agent);
        }

        if (token is not null)
        {
            writer.WriteString("token"u8);
            writer.WriteString(token);
        }

        if (ack is null) return;
        writer.WriteString("ack"u8);
        writer.WriteString(ack == AckMode.Memory ? "memory"u8 : "durable"u8);
    }

    public static void WriteWelcome(MsgPackWriter writer, string server, long lastSeq, long maxMessageBytes, long maxBatchBytes, long timeMicros)
    {
        writer.WriteArrayHeader(2);
        writer.Write(Op.Hello);
        writer.WriteMapHeader(6);
        writer.WriteString("v"u8);
        writer.Write(ProtocolLimits.Version);
        writer.WriteString("server"u8);
        writer.WriteString(server);
        writer.WriteString("last_seq"u8);
        writer.Write(lastSeq);
        writer.WriteString("max_message"u8);
        writer.Write(maxMessageBytes);
        writer.WriteString("max_batch"u8);
        writer.Write(maxBatchBytes);
        writer.WriteString("time"u8);
        writer.Write(timeMicros);
    }

    /// <summary>A sample line. No time means: the time of arrival. The stale marker is sent as nil, a quality of 1 not at all.</summary>
    public static void WriteLine(
        MsgPackWriter writer, string name, ReadOnlySpan<KeyValuePair<string, string>> labels, long? timeMicros, double value, float quality = 1f)
    {
        writer.WriteArrayHeader(quality == 1f ? 4 : 5);
        writer.WriteString(name);
        WriteLabels(writer, labels);
        WriteTime(writer, timeMicros);
        WriteLineEnd(writer, value, quality);
    }

    /// <summary>A sample line whose name and labels are encoded already, by <see cref="WriteNameAndLabelsOfKey"/>.</summary>
    public static void WriteLine(MsgPackWriter writer, ReadOnlySpan<byte> nameAndLabels, long timeMicros, double value, float quality = 1f)
    {
        writer.WriteArrayHeader(quality == 1f ? 4 : 5);
        writer.WriteRaw(nameAndLabels);
        writer.Write(timeMicros);
        WriteLineEnd(writer, value, quality);
    }

    /// <summary>A point, in the order of keys that Telegraf uses. No time means: the time of arrival.</summary>
    public static void WritePoint(
        MsgPackWriter writer, string name, ReadOnlySpan<KeyValuePair<string, string>> tags, long? timeMicros, ReadOnlySpan<KeyValuePair<string, double>> fields)
    {
        writer.WriteMapHeader(4);
        writer.WriteString("name"u8);
        writer.WriteString(name);
        writer.WriteString("time"u8);
        if (timeMicros is { } time) writer.WriteTimestamp(time);
        else writer.WriteNil();
        writer.WriteString("tags"u8);
        WriteLabels(writer, tags);
        writer.WriteString("fields"u8);
        writer.WriteMapHeader(fields.Length);
        foreach (var (field, value) in fields)
        {
            writer.WriteString(field);
            writer.Write(value);
        }
    }

    /// <summary>Begins the declaration of a schema: <paramref name="seriesCount"/> calls of <see cref="WriteSeries"/> or <see cref="WriteSeriesOfKey"/> follow.</summary>
    public static void WriteSchemaHeader(MsgPackWriter writer, long schema, ReadOnlySpan<KeyValuePair<string, string>> common, int seriesCount)
    {
        writer.WriteArrayHeader(4);
        writer.Write(Op.Schema);
        writer.Write(schema);
        WriteLabels(writer, common);
        writer.WriteArrayHeader(seriesCount);
    }

    /// <summary>One series of a schema: <c>[name, labels]</c>.</summary>
    public static void WriteSeries(MsgPackWriter writer, string name, ReadOnlySpan<KeyValuePair<string, string>> labels)
    {
        writer.WriteArrayHeader(2);
        writer.WriteString(name);
        WriteLabels(writer, labels);
    }

    /// <summary>One series of a schema, from its canonical key.</summary>
    public static void WriteSeriesOfKey(MsgPackWriter writer, ReadOnlySpan<byte> key)
    {
        writer.WriteArrayHeader(2);
        WriteNameAndLabelsOfKey(writer, key);
    }

    /// <summary>Name and labels of a canonical key, as a sample line has them after its array header.</summary>
    public static void WriteNameAndLabelsOfKey(MsgPackWriter writer, ReadOnlySpan<byte> key)
    {
        var reader = new SeriesKeyReader(key);
        writer.WriteString(reader.Name);
        if (reader.LabelCount == 0)
        {
            writer.WriteNil();
            return;
        }

        writer.WriteMapHeader(reader.LabelCount);
        while (reader.TryNext(out var name, out var value))
        {
            writer.WriteString(name);
            writer.WriteString(value);
        }
    }

    /// <summary>A row: one value per series of the schema, in its order; the stale marker where there is none.</summary>
    public static void WriteRow(MsgPackWriter writer, long schema, long timeMicros, ReadOnlySpan<double> values)
    {
        WriteRowHeader(writer, schema, timeMicros, values.Length);
        WriteLittleEndian(writer, values);
    }

    /// <summary>All of a row but its values, which follow as 8 × <paramref name="seriesCount"/> bytes.</summary>
    public static void WriteRowHeader(MsgPackWriter writer, long schema, long timeMicros, int seriesCount)
    {
        writer.WriteArrayHeader(4);
        writer.Write(Op.Row);
        writer.Write(schema);
        writer.Write(timeMicros);
        writer.WriteBinaryHeader(seriesCount * sizeof(double));
    }

    /// <summary>A block: <paramref name="values"/> holds one value per series for each of <paramref name="timesMicros"/>, instant by instant.</summary>
    public static void WriteBlock(MsgPackWriter writer, long schema, ReadOnlySpan<long> timesMicros, ReadOnlySpan<double> values)
    {
        writer.WriteArrayHeader(4);
        writer.Write(Op.Block);
        writer.Write(schema);
        writer.WriteBinaryHeader(timesMicros.Length * sizeof(long));
        WriteLittleEndian(writer, timesMicros);
        writer.WriteBinaryHeader(values.Length * sizeof(double));
        WriteLittleEndian(writer, values);
    }

    /// <summary>A batch of messages that are packed already.</summary>
    public static void WriteBatch(MsgPackWriter writer, long seq, BatchCodec codec, int rawLengthBytes, ReadOnlySpan<byte> packed)
    {
        WriteBatchHeader(writer, seq, codec, rawLengthBytes, packed.Length);
        writer.WriteRaw(packed);
    }

    /// <summary>All of a batch but its packed bytes, which follow.</summary>
    public static void WriteBatchHeader(MsgPackWriter writer, long seq, BatchCodec codec, int rawLengthBytes, int packedBytes)
    {
        writer.WriteArrayHeader(5);
        writer.Write(Op.Batch);
        writer.Write(seq);
        writer.Write((long)codec);
        writer.Write(rawLengthBytes);
        writer.WriteBinaryHeader(packedBytes);
    }

    public static void WriteFlush(MsgPackWriter writer, long number)
    {
        writer.WriteArrayHeader(2);
        writer.Write(Op.Flush);
        writer.Write(number);
    }

    /// <summary>An event; <paramref name="document"/> is a MessagePack map.</summary>
    public static void WriteEvent(MsgPackWriter writer, string type, string source, long? timeMicros, ReadOnlySpan<byte> document)
    {
        writer.WriteArrayHeader(5);
        writer.Write(Op.Event);
        writer.WriteString(type);
        writer.WriteString(source);
        WriteTime(writer, timeMicros);
        writer.WriteRaw(document);
    }

    public static void WriteDatagramHeader(MsgPackWriter writer, string source, long number)
    {
        writer.WriteArrayHeader(3);
        writer.Write(Op.Datagram);
        writer.WriteString(source);
        writer.Write(number);
    }

    public static void WriteAck(MsgPackWriter writer, long seq)
    {
        writer.WriteArrayHeader(2);
        writer.Write(Op.Ack);
        writer.Write(seq);
    }

    public static void WriteError(MsgPackWriter writer, long seq, ErrorCode code, string text)
    {
        writer.WriteArrayHeader(4);
        writer.Write(Op.Error);
        writer.Write(seq);
        writer.Write((long)code);
        writer.WriteString(text);
    }

    /// <summary>Labels as a map, or nil where there are none.</summary>
    public static void WriteLabels(MsgPackWriter writer, ReadOnlySpan<KeyValuePair<string, string>> labels)
    {
        if (labels.IsEmpty)
        {
            writer.WriteNil();
            return;
        }

        writer.WriteMapHeader(labels.Length);
        foreach (var (name, value) in labels)
        {
            writer.WriteString(name);
            writer.WriteString(value);
        }
    }

    private static void WriteTime(MsgPackWriter writer, long? timeMicros)
    {
        if (timeMicros is { } time) writer.Write(time);
        else writer.WriteNil();
    }

    private static void WriteLineEnd(MsgPackWriter writer, double value, float quality)
    {
        if (ProtocolLimits.IsStaleMarker(value)) writer.WriteNil();
        else writer.Write(value);
        if (quality != 1f) writer.Write(quality);
    }

    private static void WriteLittleEndian(MsgPackWriter writer, ReadOnlySpan<double> values)
    {
        var bytes = writer.Take(values.Length * sizeof(double));
        if (BitConverter.IsLittleEndian)
        {
            MemoryMarshal.AsBytes(values).CopyTo(bytes);
            return;
        }

        for (var i = 0; i < values.Length; i++) BinaryPrimitives.WriteDoubleLittleEndian(bytes[(i * sizeof(double))..], values[i]);
    }

    private static void WriteLittleEndian(MsgPackWriter writer, ReadOnlySpan<long> values)
    {
        var bytes = writer.Take(values.Length * sizeof(long));
        if (BitConverter.IsLittleEndian)
        {
            MemoryMarshal.AsBytes(values).CopyTo(bytes);
            return;
        }

        for (var i = 0; i < values.Length; i++) BinaryPrimitives.WriteInt64LittleEndian(bytes[(i * sizeof(long))..], values[i]);
    }
}
