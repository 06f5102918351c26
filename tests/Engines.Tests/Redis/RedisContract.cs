using DataLayer.Ingest.Series;

namespace DataLayer.Engines.Tests.Redis;

/// <summary>The contract on one Redis; what the engine takes is the subclass's.</summary>
public abstract class RedisContract(RedisFixture fixture, string[] takes) : FedEngineContract
{
    private readonly string _prefix = fixture.NextPrefix();

    public override async ValueTask InitializeAsync()
    {
        await fixture.StartedAsync();
        await base.InitializeAsync();
    }

    private protected override IEngine Create(ISeriesCatalog catalog) => RedisEngines.Create(fixture.Server.Address, _prefix, catalog, takes, source: Source);
}
