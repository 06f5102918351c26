using StackExchange.Redis;

namespace DataLayer.Engines.Redis;

/// <summary>A metric's keys and channel, made once.</summary>
internal sealed class MetricKeys(RedisKeys keys, string name, string tag)
{
    public string Name { get; } = name;

    public string Tag { get; } = tag;

    public RedisKey Latest { get; } = keys.Latest(tag);

    public RedisKey Series { get; } = keys.Series(tag);

    /// <summary>Empty where nothing is published.</summary>
    public RedisValue Channel { get; } = keys.Channel(tag) ?? "";
}
