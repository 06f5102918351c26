using MongoDB.Bson;
using MongoDB.Driver;

namespace DataLayer.Engines.Mongo;

/// <summary>
/// The document of one source in <c>position</c>: how far it is; the write that is under way, with the times that it writes; and between which times there may be twins, samples of one
/// series and time: a write that did not come to its end is written again, beside what it had stored. Owned by the engine.
/// </summary>
internal sealed class MongoPosition(MongoConnection connection, string source, TimeProvider clock)
{
    private static readonly BsonDocument None = new() { { "id", ObjectId.Empty }, { "from", long.MaxValue }, { "to", long.MinValue } };

    private IMongoCollection<BsonDocument> Collection => connection.Collection(MongoSchema.Position);

    private BsonDateTime Now => new(clock.GetUtcNow().UtcDateTime);

    /// <summary>The states of all sources; this one's is made where there is none.</summary>
    public async Task<(PositionState Mine, PositionState[] All)> OpenAsync(CancellationToken cancellation)
    {
        var first = new BsonDocument { { "position", 0L }, { "added", 0L }, { "last_time", long.MinValue }, { "write", None }, { "twins", new BsonDocument { { "from", long.MaxValue }, { "to", long.MinValue } } }, { "updated", Now } };
        try
        {
            await Collection.UpdateOneAsync(Mine(), new BsonDocument("$setOnInsert", first), new UpdateOptions { IsUpsert = true }, cancellation).ConfigureAwait(false);
        }
        catch (MongoException fault) when (MongoErrors.IsDuplicateKey(fault))
        {
            // This source's other instance was faster.
        }

        var all = (await Collection.Find(FilterDefinition<BsonDocument>.Empty).ToListAsync(cancellation).ConfigureAwait(false)).ConvertAll(PositionState.Of).ToArray();
        return (all.Single(state => state.Source == source), all);
    }

    public PositionState[] ReadAll(CancellationToken cancellation) =>
        [.. Collection.Find(FilterDefinition<BsonDocument>.Empty).ToEnumerable(cancellation).Select(PositionState.Of)];

    /// <summary>
    /// Says durably, before the first sample is sent, that a write of these times is under way. One that was and has not ended may have left samples: where it wrote are twins from now on.
    /// </summary>
    /// <param name="addedLsn">For samples beside the position: the version they carry, else 0.</param>
    public async Task<PositionState> BeginAsync(TimeRange times, long addedLsn, CancellationToken cancellation)
    {
        PipelineDefinition<BsonDocument, BsonDocument> begin = new[]
        {
            new BsonDocument("$set", new BsonDocument
            {
                { "twins", new BsonDocument { { "from", Least("$twins.from", "$write.from") }, { "to", Greatest("$twins.to", "$write.to") } } },
                { "write", new BsonDocument { { "id", ObjectId.GenerateNewId() }, { "from", times.From }, { "to", times.To } } },
                { "last_time", Greatest("$last_time", times.To) },
                { "added", Greatest("$added", addedLsn) },
            }),
        };
        var document = await Collection.FindOneAndUpdateAsync(
            Mine(), begin, new FindOneAndUpdateOptions<BsonDocument> { ReturnDocument = ReturnDocument.After }, cancellation).ConfigureAwait(false);
        return document is null ? throw Gone() : PositionState.Of(document);
    }

    /// <summary>The write is whole: in one step the position moves from what it was at the beginning, and the write is no longer under way. False: the position is not what it was.</summary>
    public async Task<bool> EndAsync(PositionState began, long position, CancellationToken cancellation)
    {
        // Where another instance of this source has begun since, its write is the one under way.
        var filter = Mine().Add("position", began.Position);
        PipelineDefinition<BsonDocument, BsonDocument> end = new[]
        {
            new BsonDocument("$set", new BsonDocument
            {
                { "position", position },
                { "write", new BsonDocument("$cond", new BsonArray { new BsonDocument("$eq", new BsonArray { "$write.id", began.Write }), None, "$write" }) },
                { "updated", Now },
            }),
        };
        return (await Collection.UpdateOneAsync(filter, end, cancellationToken: cancellation).ConfigureAwait(false)).MatchedCount == 1;
    }

    /// <summary>Remembers durably, before they are stored, that there will be twins between these times.</summary>
    public Task ExpectTwinsAsync(TimeRange times, CancellationToken cancellation) => UpdateAsync(
        new BsonDocument { { "$min", new BsonDocument("twins.from", times.From) }, { "$max", new BsonDocument("twins.to", times.To) } }, cancellation);

    public Task MoveToAsync(long position, CancellationToken cancellation) => UpdateAsync(new BsonDocument("$set", new BsonDocument { { "position", position }, { "updated", Now } }), cancellation);

    private async Task UpdateAsync(BsonDocument update, CancellationToken cancellation)
    {
        var result = await Collection.UpdateOneAsync(Mine(), update, cancellationToken: cancellation).ConfigureAwait(false);
        if (result.MatchedCount != 1) throw Gone();
    }

    private BsonDocument Mine() => new("_id", source);

    private static BsonDocument Least(BsonValue one, BsonValue other) => new("$min", new BsonArray { one, other });

    private static BsonDocument Greatest(BsonValue one, BsonValue other) => new("$max", new BsonArray { one, other });

    private EngineException Gone() => new($"{connection.Where} has no position of this daemon any more: somebody deleted it from the collection {MongoSchema.Position}. Restart the engine.", isTransient: true);
}
