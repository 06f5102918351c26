using MongoDB.Bson;
using MongoDB.Bson.IO;
using MongoDB.Bson.Serialization;
using MongoDB.Bson.Serialization.Attributes;
using MongoDB.Bson.Serialization.Serializers;

namespace DataLayer.Engines.Mongo;

/// <summary>A document of <c>raw</c> as the engine reads it: without name and labels, straight from BSON.</summary>
[BsonSerializer(typeof(Serializer))]
internal readonly record struct StoredSample(long Id, long Micros, double Value, float Quality, long Lsn)
{
    public static readonly BsonDocument KeyAndVersion = BsonDocument.Parse("""{ _id: 0, "series.id": 1, micros: 1, lsn: 1 }""");

    public static readonly BsonDocument All = BsonDocument.Parse("""{ _id: 0, "series.id": 1, micros: 1, lsn: 1, value: 1, quality: 1, bits: 1 }""");

    internal sealed class Serializer : StructSerializerBase<StoredSample>
    {
        public override StoredSample Deserialize(BsonDeserializationContext context, BsonDeserializationArgs args)
        {
            var reader = context.Reader;
            long id = 0, micros = 0, lsn = 0;
            double value = 0;
            var quality = 1f;
            long? bits = null;
            reader.ReadStartDocument();
            while (reader.ReadBsonType() != BsonType.EndOfDocument)
            {
                switch (reader.ReadName(Utf8NameDecoder.Instance))
                {
                    case "series":
                        reader.ReadStartDocument();
                        reader.ReadName("id");
                        id = reader.ReadInt64();
                        reader.ReadEndDocument();
                        break;
                    case "micros": micros = reader.ReadInt64(); break;
                    case "value": value = reader.ReadDouble(); break;
                    case "quality": quality = (float)reader.ReadDouble(); break;
                    case "bits": bits = reader.ReadInt64(); break;
                    case "lsn": lsn = reader.ReadInt64(); break;
                    default: reader.SkipValue(); break;
                }
            }

            reader.ReadEndDocument();
            return new StoredSample(id, micros, bits is { } exact ? BitConverter.Int64BitsToDouble(exact) : value, quality, lsn);
        }
    }
}
