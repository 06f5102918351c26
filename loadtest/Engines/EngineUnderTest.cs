using DataLayer.Servers;

namespace DataLayer.LoadTest.Engines;

/// <summary>A real server, and how the daemon's configuration names it. Owned by a run.</summary>
/// <param name="Kind">The kind in the configuration, and the engine's name.</param>
/// <param name="KeepsSamples">The engine is asked for every sample; else for the last of each series.</param>
internal sealed record EngineUnderTest(string Kind, TestServer Server, string ConnectionString, bool KeepsSamples, params KeyValuePair<string, string>[] Settings) : IDisposable
{
    public static readonly string[] Kinds = ["postgres", "postgres-brin", "clickhouse", "redis", "mongo"];

    /// <summary>Starts the server of a kind.</summary>
    public static async Task<EngineUnderTest> StartAsync(string kind)
    {
        var engine = Create(kind);
        if (engine.Server is PostgresServer postgres) await postgres.CreateAsync();
        else await engine.Server.StartAsync();
        return engine;
    }

    private static EngineUnderTest Create(string kind)
    {
        switch (kind)
        {
            case "postgres" or "postgres-brin":
                var postgres = new PostgresServer();
                return new EngineUnderTest("postgres", postgres, postgres.ConnectionString(), KeepsSamples: true, kind == "postgres" ? [] : [new("Settings__Index", "brin")]);
            case "clickhouse":
                var clickHouse = new ClickHouseServer();
                return new EngineUnderTest("clickhouse", clickHouse, clickHouse.ConnectionString, KeepsSamples: true, new KeyValuePair<string, string>("Compression", "off")); // Costs more than it saves on loopback.
            case "mongo":
                var mongo = new MongoServer();
                return new EngineUnderTest("mongo", mongo, mongo.ConnectionString, KeepsSamples: true);
            case "redis":
                // Durable as the others are, so that runs that kill it can be checked.
                var redis = new RedisServer(RedisServer.Durable);
                return new EngineUnderTest("redis", redis, redis.Address, KeepsSamples: false);
            default:
                throw new UsageException($"--engines: '{kind}' is none of {string.Join(", ", Kinds)}.");
        }
    }

    /// <summary>What the daemon needs in its environment to feed this engine as entry <paramref name="index"/>.</summary>
    public IEnumerable<KeyValuePair<string, string>> Configuration(int index)
    {
        yield return new($"Engines__{index}__Kind", Kind);
        yield return new($"Engines__{index}__ConnectionString", ConnectionString);
        foreach (var (key, value) in Settings) yield return new($"Engines__{index}__{key}", value);
    }

    public void Dispose() => Server.DisposeAsync().AsTask().GetAwaiter().GetResult();
}
