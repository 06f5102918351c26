using MongoDB.Bson;
using MongoDB.Driver;

namespace DataLayer.Engines.Mongo;

/// <summary>The collection <c>events</c>: a document each, found by time, type, source and place. Safe from any thread.</summary>
internal sealed class MongoEvents(MongoConnection connection) : IEventStore
{
    public async ValueTask AddEventsAsync(IReadOnlyList<EngineEvent> events, CancellationToken cancellation)
    {
        // Of two with one id the later counts: as the requests of a bulk write may be done in any order, the earlier is left out.
        var byId = new Dictionary<string, EngineEvent>(events.Count);
        foreach (var one in events) byId[one.Id] = one;
        if (byId.Count == 0) return;
        await connection.Errors.RunAsync("store events", async () => await connection.Collection(MongoSchema.Events).BulkWriteAsync(
            byId.Values.Select(one => new ReplaceOneModel<BsonDocument>(new BsonDocument("_id", one.Id), DocumentOf(one)) { IsUpsert = true }),
            new BulkWriteOptions { IsOrdered = false },
            cancellation).ConfigureAwait(false)).ConfigureAwait(false);
    }

    public async Task<IReadOnlyList<FoundEvent>> QueryEventsAsync(EventQuery query, CancellationToken cancellation)
    {
        if (query.Within is { Count: < 3 }) throw new EngineException("A polygon has three corners at least.", isTransient: false);
        try
        {
            return await connection.Errors.RunAsync<IReadOnlyList<FoundEvent>>("find events", async () =>
            {
                using var cursor = await connection.Collection(MongoSchema.Events).AggregateAsync<BsonDocument>(Pipeline(query), cancellationToken: cancellation).ConfigureAwait(false);
                return (await cursor.ToListAsync(cancellation).ConfigureAwait(false)).ConvertAll(EventOf);
            }).ConfigureAwait(false);
        }
        catch (RefusedSamplesException fault)
        {
            throw new EngineException($"The question for events cannot be answered: {fault.Message}", isTransient: false, fault);
        }
    }

    /// <summary>The stages that answer a question. $geoNear must be the first stage; it sorts, and takes the other conditions with it.</summary>
    internal static BsonDocument[] Pipeline(EventQuery query)
    {
        var limit = new BsonDocument("$limit", query.Limit);
        if (query.Near is not { } near) return [new("$match", Filter(query)), new("$sort", new BsonDocument { { "micros", -1 }, { "_id", 1 } }), limit];
        return
        [
            new("$geoNear", new BsonDocument
            {
                { "near", Point(near.Latitude, near.Longitude) }, { "key", "location" }, { "spherical", true }, { "maxDistance", near.MaxMetres }, { "distanceField", "distance" }, { "query", Filter(query) },
            }),
            limit,
        ];
    }

    private static BsonDocument Filter(EventQuery query)
    {
        var filter = new BsonDocument();
        if (query.Type is { } type) filter.Add("type", type);
        if (query.Source is { } source) filter.Add("source", source);
        if (query.StartMicros > long.MinValue || query.EndMicros < long.MaxValue) filter.Add("micros", new BsonDocument { { "$gte", query.StartMicros }, { "$lt", query.EndMicros } });
        if (query.Within is { } corners) filter.Add("location", new BsonDocument("$geoWithin", new BsonDocument("$geometry", Polygon(corners))));
        return filter;
    }

    private static BsonDocument Polygon(IReadOnlyList<(double Latitude, double Longitude)> corners)
    {
        var ring = new BsonArray(corners.Append(corners[0]).Select(corner => Coordinates(corner.Latitude, corner.Longitude)));
        return new BsonDocument { { "type", "Polygon" }, { "coordinates", new BsonArray { ring } } };
    }

    private static BsonDocument DocumentOf(EngineEvent one)
    {
        var document = new BsonDocument { { "_id", one.Id }, { "type", one.Type }, { "source", one.Source }, { "time", MongoTime.DateOf(one.TimeMicros) }, { "micros", one.TimeMicros } };
        if (one is { Latitude: { } latitude, Longitude: { } longitude }) document.Add("location", Point(latitude, longitude));
        var fields = EventFields.ToBson(one.Document.Span, out var isExact);
        document.Add("fields", fields);
        if (!isExact) document.Add("packed", new BsonBinaryData(one.Document.ToArray()));
        return document;
    }

    private static FoundEvent EventOf(BsonDocument document)
    {
        var packed = document.TryGetValue("packed", out var original) ? original.AsByteArray : EventFields.ToMessagePack(document["fields"].AsBsonDocument);
        var place = document.TryGetValue("location", out var location) ? location["coordinates"] : null;
        return new FoundEvent(
            new EngineEvent(document["_id"].AsString, document["type"].AsString, document["source"].AsString, document["micros"].AsInt64, packed, place?[1].ToDouble(), place?[0].ToDouble()),
            document.TryGetValue("distance", out var distance) ? distance.ToDouble() : null);
    }

    private static BsonDocument Point(double latitude, double longitude) => new() { { "type", "Point" }, { "coordinates", Coordinates(latitude, longitude) } };

    private static BsonArray Coordinates(double latitude, double longitude) => [longitude, latitude];
}
