using DataLayer.Engines.Mongo;
using MongoDB.Bson;
using MongoDB.Driver;

namespace DataLayer.Engines.Tests.Mongo;

[Collection(nameof(MongoCollection))]
public sealed class MongoSchemaTests(MongoFixture fixture) : IDisposable
{
    private const long T0 = 1_772_359_200_000_000;

    private readonly string _database = MongoFixture.NewDatabase();
    private readonly MongoClient _client = new(fixture.Server.ConnectionString);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private IMongoDatabase Database => _client.GetDatabase(_database);

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task OpenAsync_newer_schema_is_refused_and_left_alone()
    {
        await Database.GetCollection<BsonDocument>("meta").InsertOneAsync(new BsonDocument { { "_id", "schema" }, { "version", 99 } }, cancellationToken: Cancellation);
        var fault = await Assert.ThrowsAsync<EngineException>(() => OpenAsync());
        Assert.False(fault.IsTransient);
        Assert.Contains("newer", fault.Message, StringComparison.Ordinal);
        Assert.Equal(["meta"], await (await Database.ListCollectionNamesAsync(cancellationToken: Cancellation)).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task OpenAsync_somebody_elses_collection_is_refused()
    {
        await Database.GetCollection<BsonDocument>("raw").InsertOneAsync(new BsonDocument("a", 1), cancellationToken: Cancellation);
        var fault = await Assert.ThrowsAsync<EngineException>(() => OpenAsync());
        Assert.False(fault.IsTransient);
        Assert.Equal(1, await Database.GetCollection<BsonDocument>("raw").CountDocumentsAsync(new BsonDocument(), cancellationToken: Cancellation));
    }

    [Fact]
    public async Task OpenAsync_retention_and_granularity_are_the_collections()
    {
        await using (await OpenAsync(TimeSpan.FromDays(30), ("Granularity", "minutes"), ("EventRetention", "90.00:00:00")))
        {
        }

        var raw = (await (await Database.ListCollectionsAsync(cancellationToken: Cancellation)).ToListAsync(Cancellation)).Single(collection => collection["name"] == "raw");
        Assert.Equal(30 * 86_400, raw["options"]["expireAfterSeconds"].ToInt64());
        Assert.Equal("minutes", raw["options"]["timeseries"]["granularity"]);
        var index = (await (await Database.GetCollection<BsonDocument>("events").Indexes.ListAsync(Cancellation)).ToListAsync(Cancellation)).Single(one => one["name"] == "expire");
        Assert.Equal(90 * 86_400, index["expireAfterSeconds"].ToInt64());

        // The same again changes nothing; another age asks for collMod, which this server alone does not have.
        await using (await OpenAsync(TimeSpan.FromDays(30), ("Granularity", "minutes"), ("EventRetention", "90.00:00:00")))
        {
        }

        Assert.Contains("collMod", (await Assert.ThrowsAsync<EngineException>(() => OpenAsync(TimeSpan.FromDays(10), ("Granularity", "minutes")))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DescribeAsync_says_what_would_be_created_and_creates_nothing()
    {
        await using var engine = Create();
        Assert.Contains(await engine.DescribeAsync(Cancellation), line => line.Contains("would create", StringComparison.Ordinal) && line.Contains("rollup_1h", StringComparison.Ordinal));
        Assert.Empty(await (await Database.ListCollectionNamesAsync(cancellationToken: Cancellation)).ToListAsync(Cancellation));
        await engine.OpenAsync(Cancellation);
        Assert.Contains(await engine.DescribeAsync(Cancellation), line => line.Contains("all collections", StringComparison.Ordinal));
    }

    [Fact]
    public async Task OpenAsync_plain_collections_have_validators()
    {
        await using var engine = await OpenAsync();
        foreach (var name in new[] { "series", "position", "events", "meta" })
        {
            var fault = await Assert.ThrowsAsync<MongoWriteException>(() => Database.GetCollection<BsonDocument>(name).InsertOneAsync(new BsonDocument("wrong", 1), cancellationToken: Cancellation));
            Assert.Equal(121, fault.WriteError.Code);
        }
    }

    [Fact]
    public async Task WriteAsync_samples_that_the_server_refuses_are_told_from_the_others()
    {
        // An operator's own validator; a time-series collection can have none.
        await Database.RunCommandAsync<BsonDocument>(BsonDocument.Parse("""{ create: "series", validator: { name: { $ne: "m1" } } }"""), cancellationToken: Cancellation);
        await using var engine = await OpenAsync();
        var model = new EngineModel();
        Sample[] samples = [new(0, T0, 1), new(1, T0, 2), new(2, T0, 3)];
        var batch = model.Peek(samples);
        var fault = await Assert.ThrowsAsync<RefusedSamplesException>(() => engine.WriteAsync(batch, Cancellation).AsTask());
        Assert.Contains("121", fault.Message, StringComparison.Ordinal);
        Assert.Equal(0, engine.Position);

        // As the feeder does: by parts, without the one.
        Sample[] good = [samples[0], samples[2]];
        await engine.AddAsync(new MemorySource(0, batch.EndLsn, good, _ => long.MinValue), Cancellation);
        await engine.WriteAsync(new MemorySource(0, batch.EndLsn, [], _ => long.MinValue), Cancellation);
        model.Apply(batch.EndLsn, good);
        using var snapshot = engine.Snapshot();
        model.AssertMatches(snapshot, 8);
    }

    [Fact]
    public async Task Snapshot_two_sources_that_write_the_same_samples_are_read_once()
    {
        Sample[] samples = [.. Enumerable.Range(0, 100).Select(at => new Sample(at % 8, T0 + (at * 1_000_000L), at))];
        var model = new EngineModel();
        await using var one = await OpenAsync();
        await one.WriteAsync(model.Next(samples), Cancellation);
        await using var other = new MongoEngine(MongoFixture.Options(fixture.Server.ConnectionString, _database), MongoFixture.Context(new MemoryCatalog(8), source: "other"));
        await other.OpenAsync(Cancellation);
        Assert.Equal(0, other.Position);
        await other.WriteAsync(new EngineModel().Next(samples), Cancellation);
        Assert.Equal(200, await Database.GetCollection<BsonDocument>("raw").CountDocumentsAsync(new BsonDocument(), cancellationToken: Cancellation));
        using var snapshot = one.Snapshot();
        model.AssertMatches(snapshot, 8);
    }

    [Theory]
    [InlineData("Granularity", "days")]
    [InlineData("EventRetention", "-1")]
    [InlineData("Colour", "red")]
    [InlineData("Database", "a.b")]
    public void MongoSettings_what_is_not_allowed_is_refused_with_what_is(string name, string value)
    {
        var fault = Assert.Throws<EngineException>(() => MongoSettings.Parse(new Dictionary<string, string> { [name] = value }));
        Assert.False(fault.IsTransient);
        Assert.Contains(name, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MongoConnection_bad_connection_string_is_not_repeated()
    {
        var fault = Assert.Throws<EngineException>(() => new MongoEngine(MongoFixture.Options("mongo://root:s3cret@host", _database), MongoFixture.Context(new MemoryCatalog(1))));
        Assert.DoesNotContain("s3cret", fault.ToString(), StringComparison.Ordinal);
    }

    private MongoEngine Create(TimeSpan? retention = null, params (string, string)[] settings) =>
        new(MongoFixture.Options(fixture.Server.ConnectionString, _database, retention: retention, settings: settings), MongoFixture.Context(new MemoryCatalog(8)));

    private async Task<MongoEngine> OpenAsync(TimeSpan? retention = null, params (string, string)[] settings)
    {
        var engine = Create(retention, settings);
        await engine.OpenAsync(Cancellation);
        return engine;
    }
}
