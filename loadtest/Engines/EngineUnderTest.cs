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
        switch (kind)
        {
            case "redis":
                // Durable as the others are, so that runs that kill it can be checked.
                var redis = new RedisServer(RedisServer.Durable);
                await redis.StartAsync();
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
