using DataLayer.Engines.ClickHouse;
using DataLayer.Engines.Tests.ClickHouse;
using DataLayer.Ingest.Series;
using DataLayer.Servers;

[assembly: AssemblyFixture(typeof(ClickHouseFixture))]

namespace DataLayer.Engines.Tests.ClickHouse;

/// <summary>One ClickHouse server for all tests that do not harm it, started by the first that asks; a database for each test.</summary>
public sealed class ClickHouseFixture : IAsyncDisposable
{
    private readonly Lazy<Task<ClickHouseServer>> _server = new(StartAsync);
    private int _databases;

    public Task<ClickHouseServer> ServerAsync() => _server.Value;

    internal string NextDatabase() => $"datalayer_{Interlocked.Increment(ref _databases)}";

    internal static EngineOptions Options(ClickHouseServer server, string database, params (string Name, string Value)[] settings) => Options(server.ConnectionString, database, settings);

    internal static EngineOptions Options(string connectionString, string database, params (string Name, string Value)[] settings) => new()
    {
        Name = "ch",
        Kind = "clickhouse",
        ConnectionString = connectionString,
        Settings = new Dictionary<string, string>(settings.Select(setting => KeyValuePair.Create(setting.Name, setting.Value))) { ["Database"] = database },
    };

    internal static ClickHouseEngine Engine(EngineOptions options, ISeriesCatalog catalog, string source = "3a2f0d3e-6a0c-4d3c-9d52-0f6f2f1c7d11") =>
        new(options, new EngineContext(source, catalog, TimeProvider.System));

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated) await (await _server.Value).DisposeAsync();
    }

    private static async Task<ClickHouseServer> StartAsync()
    {
        var server = new ClickHouseServer();
        await server.StartAsync();
        return server;
    }
}
