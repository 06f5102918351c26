using DataLayer.Ingest.Series;

namespace DataLayer.Engines.Tests.ClickHouse;

/// <summary>The contract on a real server, a database per test.</summary>
public sealed class ClickHouseContractTests(ClickHouseFixture fixture) : FedEngineContract
{
    private readonly string _database = fixture.NextDatabase();

    private protected override IEngine Create(ISeriesCatalog catalog) =>
        ClickHouseFixture.Engine(ClickHouseFixture.Options(fixture.ServerAsync().GetAwaiter().GetResult(), _database), catalog, Source);
}
