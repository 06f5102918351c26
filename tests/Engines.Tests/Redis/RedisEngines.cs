using DataLayer.Engines.Redis;
using DataLayer.Ingest.Series;

namespace DataLayer.Engines.Tests.Redis;

/// <summary>Engines as the tests want them.</summary>
internal static class RedisEngines
{
    public const string Source = "0c6f2f6e-5a55-4c6b-8a3c-6b7a2f9a7b11";

    public static RedisEngine Create(
        string address, string prefix, ISeriesCatalog catalog, string[]? takes = null, string source = Source, TimeSpan? timeout = null, TimeProvider? time = null, params (string Name, string Value)[] settings)
    {
        var all = new Dictionary<string, string> { ["KeyPrefix"] = prefix, ["Channel"] = prefix + "changes:", ["WindowAge"] = "off", ["WindowSamples"] = "50000" };
        foreach (var (name, value) in settings) all[name] = value;
        var options = new EngineOptions { Name = "cache", Kind = "redis", ConnectionString = address, Takes = takes ?? ["latest", "raw"], Settings = all, Timeout = timeout ?? TimeSpan.FromSeconds(10) };
        return new RedisEngine(options, new EngineContext(source, catalog, time ?? TimeProvider.System));
    }
}
