using DataLayer.Ingest.Series;
using DataLayer.Servers;

namespace DataLayer.Engines.Tests.Mongo;

/// <summary>One real server for the tests that do not break it; each uses databases of its own.</summary>
public sealed class MongoFixture : IAsyncLifetime
{
    public MongoServer Server { get; } = new();

    public async ValueTask InitializeAsync() => await Server.StartAsync();

    public async ValueTask DisposeAsync() => await Server.DisposeAsync();

    internal static string NewDatabase() => $"test_{Guid.NewGuid():N}";

    internal static EngineContext Context(ISeriesCatalog catalog, TimeProvider? clock = null, string source = "3a2f0d3e-6a0c-4d3c-9d52-0f6f2f1c7d11") => new(source, catalog, clock ?? TimeProvider.System);

    internal static EngineOptions Options(string connectionString, string database, TimeSpan? timeout = null, TimeSpan? retention = null, int poolSize = 4, params (string Name, string Value)[] settings) => new()
    {
        Name = "mongo",
        Kind = "mongo",
        ConnectionString = connectionString,
        Timeout = timeout ?? TimeSpan.FromSeconds(30),
        Retention = retention,
        PoolSize = poolSize,
        Settings = new Dictionary<string, string>(settings.ToDictionary(setting => setting.Name, setting => setting.Value)) { ["Database"] = database },
    };
}
