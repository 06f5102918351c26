using DataLayer.Ingest.Series;
using DataLayer.Engines.Postgres;
using DataLayer.Servers;
using Npgsql;

namespace DataLayer.Engines.Tests.Postgres;

/// <summary>One server for the tests that leave it alone; each has a database of its own.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private static int _databases;

    public PostgresServer Server { get; } = new();

    public async ValueTask InitializeAsync() => await Server.CreateAsync();

    public string NewDatabase()
    {
        var name = $"test{Interlocked.Increment(ref _databases)}";
        using var connection = new NpgsqlConnection(Server.ConnectionString() + ";Pooling=false");
        connection.Open();
        using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        command.ExecuteNonQuery();
        return name;
    }

    /// <summary>An engine on a database, not open yet.</summary>
    internal PostgresEngine Create(string database, ISeriesCatalog catalog, Dictionary<string, string>? settings = null, TimeSpan? retention = null, TimeProvider? time = null, string source = "s") =>
        On(Server.ConnectionString(database), catalog, settings, retention, time, source);

    internal static PostgresEngine On(
        string connectionString, ISeriesCatalog catalog, Dictionary<string, string>? settings = null, TimeSpan? retention = null, TimeProvider? time = null, string source = "s", TimeSpan? timeout = null) =>
        new(
            new EngineOptions
            {
                Name = "pg", Kind = "postgres", ConnectionString = connectionString, Settings = settings ?? [], Retention = retention, Timeout = timeout ?? TimeSpan.FromSeconds(30),
            },
            new EngineContext(source, catalog, time ?? TimeProvider.System));

    public async ValueTask DisposeAsync() => await Server.DisposeAsync();
}
