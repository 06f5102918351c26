using DataLayer.Ingest.Series;

namespace DataLayer.Engines.Tests.Postgres;

[Collection(PostgresCollection.Name)]
public sealed class PostgresContractTests(PostgresFixture fixture) : FedEngineContract
{
    private readonly string _database = fixture.NewDatabase();

    private protected override IEngine Create(ISeriesCatalog catalog) => fixture.Create(_database, catalog, source: Source);
}
