using DataLayer.Engines;
using DataLayer.Engines.ClickHouse;
using DataLayer.Engines.Mongo;
using DataLayer.Engines.Postgres;
using DataLayer.Engines.Redis;

namespace DataLayer.Daemon.Hosting;

/// <summary>Makes engines of what the configuration says.</summary>
internal static class EngineKinds
{
    /// <summary>The engine, not connected yet. Throws <see cref="EngineException"/> for settings that the kind does not know.</summary>
    public static IFedEngine Create(EngineOptions options, EngineContext context) => options.Kind switch
    {
        "clickhouse" => new ClickHouseEngine(options, context),
        "mongo" => new MongoEngine(options, context),
        "postgres" => new PostgresEngine(options, context),
        "redis" => new RedisEngine(options, context),
        _ => throw new EngineException($"{options.Name}: there is no engine of kind \"{options.Kind}\"", isTransient: false),
    };
}
