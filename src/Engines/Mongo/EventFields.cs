using System.Text;
using System.Text.Unicode;
using DataLayer.Protocol;
using MongoDB.Bson;

namespace DataLayer.Engines.Mongo;

/// <summary>
/// An event's MessagePack map as a BSON document for people, and back. Integers become long, above 2^63 - 1 Decimal128; float32 becomes double; bin becomes binary; a timestamp becomes a date,
/// rounded down to milliseconds; another extension, and a string that is not UTF-8, becomes binary of a user-defined type; keys that are not strings become text, and of two equal keys
/// the later counts. What does not come back byte for byte is reported, so that the original is kept beside it.
/// </summary>
internal static class EventFields
{
    /// <param name="isExact">Whether <see cref="ToMessagePack"/> gives the very same bytes.</param>
    public static BsonDocument ToBson(ReadOnlySpan<byte> map, out bool isExact)
    {
        var reader = new MsgPackReader(map);
        if (reader.PeekKind() != MsgPackKind.Map || !new MsgPackReader(map).TrySkip()) throw new FormatException("the event's document is not a MessagePack map");
        var document = (BsonDocument)Read(ref reader);
        isExact = ToMessagePack(document).AsSpan().SequenceEqual(map);
        return document;
    }

    public static byte[] ToMessagePack(BsonDocument document)
    {
        using var writer = new MsgPackWriter();
        Write(writer, document);
        return writer.Written.ToArray();
    }

    private static BsonValue Read(ref MsgPackReader reader)
    {
        switch (reader.PeekKind())
        {
            case MsgPackKind.Boolean when reader.TryReadBoolean(out var flag): return (BsonBoolean)flag;
            case MsgPackKind.Integer when reader.TryReadInt64(out var integer): return new BsonInt64(integer);
            case MsgPackKind.Integer when reader.TryReadUInt64(out var unsigned): return new BsonDecimal128(new Decimal128(unsigned));
            case MsgPackKind.Float when reader.TryReadDouble(out var number): return new BsonDouble(number);
            case MsgPackKind.String when reader.TryReadString(out var text): return Utf8.IsValid(text) ? new BsonString(Encoding.UTF8.GetString(text)) : new BsonBinaryData(text.ToArray(), BsonBinarySubType.UserDefined);
            case MsgPackKind.Binary when reader.TryReadBinary(out var bytes): return new BsonBinaryData(bytes.ToArray());
            case MsgPackKind.Extension when reader.TryReadTimestamp(out var micros): return MongoTime.DateOf(micros);
            case MsgPackKind.Extension when reader.TryReadExtension(out var type, out var data): return new BsonBinaryData([(byte)type, .. data], BsonBinarySubType.UserDefined);
            case MsgPackKind.Array when reader.TryReadArrayHeader(out var count): return ReadArray(ref reader, count);
            case MsgPackKind.Map when reader.TryReadMapHeader(out var pairs): return ReadMap(ref reader, pairs);
            default: reader.TrySkip(); return BsonNull.Value;
        }
    }

    private static BsonArray ReadArray(ref MsgPackReader reader, int count)
    {
        var array = new BsonArray(count);
        for (; count > 0; count--) array.Add(Read(ref reader));
        return array;
    }

    private static BsonDocument ReadMap(ref MsgPackReader reader, int pairs)
    {
        var document = new BsonDocument();
        for (; pairs > 0; pairs--)
        {
            var key = Read(ref reader);

            // A BSON name ends at NUL.
            var name = (key.IsString ? key.AsString : key.IsBsonNull ? "null" : key.ToString()!).Replace('\0', '\ufffd');
            document[name] = Read(ref reader);
        }

        return document;
    }

    private static void Write(MsgPackWriter writer, BsonValue value)
    {
        switch (value.BsonType)
        {
            case BsonType.Boolean: writer.Write(value.AsBoolean); break;
            case BsonType.Int32 or BsonType.Int64: writer.Write(value.ToInt64()); break;
            case BsonType.Decimal128: writer.Write(Decimal128.ToUInt64(value.AsDecimal128)); break;
            case BsonType.Double: writer.Write(value.AsDouble); break;
            case BsonType.String: writer.WriteString(value.AsString.AsSpan()); break;
            case BsonType.Binary: writer.WriteBinary(value.AsBsonBinaryData.Bytes); break;
            case BsonType.DateTime: writer.WriteTimestamp(MicrosOf(value.AsBsonDateTime)); break;
            case BsonType.Array:
                writer.WriteArrayHeader(value.AsBsonArray.Count);
                foreach (var element in value.AsBsonArray) Write(writer, element);
                break;
            case BsonType.Document:
                writer.WriteMapHeader(value.AsBsonDocument.ElementCount);
                foreach (var element in value.AsBsonDocument)
                {
                    writer.WriteString(element.Name.AsSpan());
                    Write(writer, element.Value);
                }

                break;
            default: writer.WriteNil(); break;
        }
    }

    // Beyond what 64 bits of microseconds hold no timestamp was read, but a person may have written one.
    private static long MicrosOf(BsonDateTime time) => (long)Int128.Clamp((Int128)time.MillisecondsSinceEpoch * 1000, long.MinValue, long.MaxValue);
}
