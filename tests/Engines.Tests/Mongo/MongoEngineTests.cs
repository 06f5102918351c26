using DataLayer.Engines.Mongo;
using DataLayer.Ingest.Series;

namespace DataLayer.Engines.Tests.Mongo;

[Collection(nameof(MongoCollection))]
public sealed class MongoEngineTests(MongoFixture fixture) : FedEngineContract
{
    private readonly string _database = MongoFixture.NewDatabase();

    private protected override IEngine Create(ISeriesCatalog catalog) =>
        new MongoEngine(MongoFixture.Options(fixture.Server.ConnectionString, _database), new EngineContext(Source, catalog, TimeProvider.System));
}
