using MongoDB.Bson;

namespace DataLayer.Engines.Mongo;

/// <summary>A document of <c>position</c> as it was read.</summary>
/// <param name="Added">The greatest version of samples that were stored beside the position.</param>
/// <param name="LastTimeMicros">No sample of this source is after it.</param>
/// <param name="Twins">Between these times two samples of one series and time may be stored.</param>
/// <param name="Write">The write that is under way, or was cut.</param>
internal sealed record PositionState(string Source, long Position, long Added, long LastTimeMicros, TimeRange Twins, ObjectId Write)
{
    public static PositionState Of(BsonDocument document) => new(
        document["_id"].AsString,
        document["position"].AsInt64,
        document["added"].AsInt64,
        document["last_time"].AsInt64,
        new TimeRange(document["twins"]["from"].AsInt64, document["twins"]["to"].AsInt64),
        document["write"]["id"].AsObjectId);
}
