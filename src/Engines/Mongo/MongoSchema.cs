using MongoDB.Bson;
using MongoDB.Driver;

namespace DataLayer.Engines.Mongo;

/// <summary>Collections, indexes, validators and views of the engine's database. Only ever adds; a newer version than its own is refused.</summary>
internal sealed class MongoSchema(MongoConnection connection, EngineOptions options, MongoSettings settings)
{
    public const string Raw = "raw";
    public const string Series = "series";
    public const string Position = "position";
    public const string Events = "events";

    private const string Meta = "meta";
    private const int Version = 1;

    private static readonly (string Name, string Validator)[] Plain =
    [
        (Meta, """{ $jsonSchema: { required: ["version"], properties: { version: { bsonType: "int", minimum: 1 } } } }"""),
        (Series, """{ $jsonSchema: { required: ["_id", "name", "labels"], properties: { _id: { bsonType: "long", minimum: 0 }, name: { bsonType: "string", minLength: 1 }, labels: { bsonType: "object" } } } }"""),
        (Position, """{ $jsonSchema: { required: ["_id", "position", "added", "last_time", "write", "twins"], properties: { _id: { bsonType: "string" }, position: { bsonType: "long", minimum: 0 }, added: { bsonType: "long" }, last_time: { bsonType: "long" }, write: { bsonType: "object" }, twins: { bsonType: "object" } } } }"""),
        (Events, """{ $jsonSchema: { required: ["_id", "type", "source", "time", "micros"], properties: { _id: { bsonType: "string", minLength: 1 }, type: { bsonType: "string" }, source: { bsonType: "string" }, time: { bsonType: "date" }, micros: { bsonType: "long" }, fields: { bsonType: "object" } } } }"""),
    ];

    private static readonly (string Collection, string Index)[] Indexes =
    [
        (Raw, """{ key: { "series.id": 1, time: 1 }, name: "series_time" }"""),
        (Series, """{ key: { name: 1 }, name: "name" }"""),
        (Series, """{ key: { "labels.$**": 1 }, name: "labels" }"""),
        (Events, """{ key: { type: 1, micros: 1 }, name: "type_micros" }"""),
        (Events, """{ key: { micros: 1 }, name: "micros" }"""),
        (Events, """{ key: { location: "2dsphere" }, name: "location" }"""),
    ];

    /// <summary>The index on all of <c>series</c> that the server makes for itself: it holds names and labels, and what it serves, the one on the series' number does.</summary>
    private const string DefaultIndex = "series_1_time_1";

    /// <summary>Creates what is missing. Thread: the feeder.</summary>
    public async Task CreateAsync(CancellationToken cancellation)
    {
        var there = await ListAsync(cancellation).ConfigureAwait(false);
        await CheckVersionAsync(there, cancellation).ConfigureAwait(false);
        foreach (var (name, validator) in Plain.Where(plain => !there.ContainsKey(plain.Name))) await CreateCollectionAsync(new BsonDocument { { "create", name }, { "validator", BsonDocument.Parse(validator) } }, cancellation).ConfigureAwait(false);
        if (!there.TryGetValue(Raw, out var raw)) await CreateCollectionAsync(RawCommand(), cancellation).ConfigureAwait(false);
        foreach (var group in Indexes.GroupBy(index => index.Collection, index => BsonDocument.Parse(index.Index)))
        {
            await RunAsync(new BsonDocument { { "createIndexes", group.Key }, { "indexes", new BsonArray(group) } }, cancellation).ConfigureAwait(false);
        }

        if (raw is null) await DropDefaultIndexAsync(cancellation).ConfigureAwait(false);
        else await AlterRawAsync(raw, cancellation).ConfigureAwait(false);
        await ExpireEventsAsync(cancellation).ConfigureAwait(false);
        foreach (var (name, pipeline) in MongoViews.All.Where(view => !there.ContainsKey(view.Name)))
        {
            await CreateCollectionAsync(new BsonDocument { { "create", name }, { "viewOn", Raw }, { "pipeline", pipeline } }, cancellation).ConfigureAwait(false);
        }

        await connection.Collection(Meta).UpdateOneAsync(
            new BsonDocument("_id", "schema"), new BsonDocument("$set", new BsonDocument("version", Version)), new UpdateOptions { IsUpsert = true }, cancellation).ConfigureAwait(false);
    }

    /// <summary>What <see cref="CreateAsync"/> would do, a line each. Changes nothing.</summary>
    public async Task<IReadOnlyList<string>> DescribeAsync(CancellationToken cancellation)
    {
        var build = await RunAsync(new BsonDocument("buildInfo", 1), cancellation).ConfigureAwait(false);
        var there = await ListAsync(cancellation).ConfigureAwait(false);
        await CheckVersionAsync(there, cancellation).ConfigureAwait(false);
        List<string> lines = [$"{connection.Where} version {build["version"].AsString}"];
        string[] names = [.. Plain.Select(plain => plain.Name), Raw, .. MongoViews.All.Select(view => view.Name)];
        string[] missing = [.. names.Where(name => !there.ContainsKey(name))];
        lines.Add(missing.Length == 0 ? "all collections and views are there" : $"would create {string.Join(", ", missing)}");
        if (there.TryGetValue(Raw, out var raw) && ExpireSecondsOf(raw) != ExpireSeconds) lines.Add($"would change the age at which samples expire from {InWords(ExpireSecondsOf(raw))} to {InWords(ExpireSeconds)}");
        return lines;
    }

    private long? ExpireSeconds => options.Retention is { } retention ? (long)Math.Ceiling(retention.TotalSeconds) : null;

    private static string InWords(long? seconds) => seconds is { } age ? $"{age} s" : "never";

    private static long? ExpireSecondsOf(BsonDocument collection) => collection["options"].AsBsonDocument.TryGetValue("expireAfterSeconds", out var seconds) ? seconds.ToInt64() : null;

    private async Task<Dictionary<string, BsonDocument>> ListAsync(CancellationToken cancellation)
    {
        using var cursor = await connection.Database.ListCollectionsAsync(cancellationToken: cancellation).ConfigureAwait(false);
        return (await cursor.ToListAsync(cancellation).ConfigureAwait(false)).ToDictionary(collection => collection["name"].AsString);
    }

    private async Task CheckVersionAsync(Dictionary<string, BsonDocument> there, CancellationToken cancellation)
    {
        if (there.TryGetValue(Raw, out var raw) && raw["type"] != "timeseries") throw new EngineException($"{connection.Where} has a collection {Raw} that is not the engine's: give the engine a database of its own.", isTransient: false);
        if (!there.ContainsKey(Meta)) return;
        var found = await connection.Collection(Meta).Find(new BsonDocument("_id", "schema")).FirstOrDefaultAsync(cancellation).ConfigureAwait(false);
        if (found is not null && found["version"].ToInt32() is > Version and var newer) throw new EngineException($"{connection.Where} was made by a newer datalayerd (schema {newer}, this one knows {Version}): install that version or later.", isTransient: false);
    }

    private BsonDocument RawCommand()
    {
        var create = new BsonDocument
        {
            { "create", Raw },
            { "timeseries", new BsonDocument { { "timeField", "time" }, { "metaField", "series" }, { "granularity", settings.Granularity } } },
        };
        if (ExpireSeconds is { } age) create.Add("expireAfterSeconds", age);
        return create;
    }

    private async Task AlterRawAsync(BsonDocument raw, CancellationToken cancellation)
    {
        var granularity = raw["options"]["timeseries"].AsBsonDocument.GetValue("granularity", settings.Granularity).AsString;
        if (granularity != settings.Granularity) await RunAsync(new BsonDocument { { "collMod", Raw }, { "timeseries", new BsonDocument("granularity", settings.Granularity) } }, cancellation).ConfigureAwait(false);
        if (ExpireSecondsOf(raw) == ExpireSeconds) return;
        await RunAsync(new BsonDocument { { "collMod", Raw }, { "expireAfterSeconds", ExpireSeconds is { } age ? age : "off" } }, cancellation).ConfigureAwait(false);
    }

    private async Task ExpireEventsAsync(CancellationToken cancellation)
    {
        const string name = "expire";
        var wanted = settings.EventRetention is { } retention ? (long?)Math.Ceiling(retention.TotalSeconds) : null;
        using var cursor = await connection.Collection(Events).Indexes.ListAsync(cancellation).ConfigureAwait(false);
        var found = (await cursor.ToListAsync(cancellation).ConfigureAwait(false)).FirstOrDefault(index => index["name"] == name);
        if (found?["expireAfterSeconds"].ToInt64() == wanted) return;
        var command = found is null
            ? new BsonDocument { { "createIndexes", Events }, { "indexes", new BsonArray { new BsonDocument { { "key", new BsonDocument("time", 1) }, { "name", name }, { "expireAfterSeconds", wanted!.Value } } } } }
            : new BsonDocument { { "collMod", Events }, { "index", new BsonDocument { { "name", name }, { "expireAfterSeconds", wanted ?? int.MaxValue } } } };
        await RunAsync(command, cancellation).ConfigureAwait(false);
    }

    private async Task DropDefaultIndexAsync(CancellationToken cancellation)
    {
        try
        {
            await RunAsync(new BsonDocument { { "dropIndexes", Raw }, { "index", DefaultIndex } }, cancellation).ConfigureAwait(false);
        }
        catch (MongoCommandException)
        {
            // A server that has none, or a user who may not: it costs speed alone.
        }
    }

    private async Task CreateCollectionAsync(BsonDocument command, CancellationToken cancellation)
    {
        const int namespaceExists = 48;
        try
        {
            await RunAsync(command, cancellation).ConfigureAwait(false);
        }
        catch (MongoCommandException fault) when (fault.Code == namespaceExists)
        {
            // Another daemon was faster.
        }
    }

    private Task<BsonDocument> RunAsync(BsonDocument command, CancellationToken cancellation) =>
        connection.Database.RunCommandAsync<BsonDocument>(command, cancellationToken: cancellation);
}
