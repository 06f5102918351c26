using DataLayer.Ingest.Series;

namespace DataLayer.Engines.Tests.Postgres;

/// <summary>The same without the index that would refuse a sample which is there already.</summary>
[Collection(PostgresCollection.Name)]
public sealed class PostgresBrinContractTests(PostgresFixture fixture) : FedEngineContract
{
    private readonly string _database = fixture.NewDatabase();

    private protected override IEngine Create(ISeriesCatalog catalog) => fixture.Create(_database, catalog, new() { ["Index"] = "brin" }, source: Source);
}
