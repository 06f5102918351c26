using System.Globalization;
using System.Text;
using StackExchange.Redis;

namespace DataLayer.Engines.Redis;

/// <summary>The names of keys and channels. What belongs to one metric has its name in braces, so that a cluster keeps it in one slot.</summary>
internal sealed class RedisKeys(RedisOptions options)
{
    private readonly string _prefix = options.KeyPrefix;

    /// <summary>The set of the metrics' names.</summary>
    public RedisKey Metrics => _prefix + "metrics";

    /// <summary>What layout the keys have: a number.</summary>
    public RedisKey Schema => _prefix + "schema";

    /// <summary>Hash: number of the series → its latest sample.</summary>
    public RedisKey Latest(string tag) => $"{_prefix}latest:{{{tag}}}";

    /// <summary>Hash: number of the series → its labels in JSON.</summary>
    public RedisKey Series(string tag) => $"{_prefix}series:{{{tag}}}";

    /// <summary>The window of one series.</summary>
    public RedisKey Window(string tag, long id) => string.Create(CultureInfo.InvariantCulture, $"{_prefix}window:{{{tag}}}:{id}");

    public RedisKey Cache(string key) => $"{_prefix}cache:{key}";

    /// <summary>The hash with the positions; in a cluster one per range of slots, each in its range.</summary>
    public RedisKey Position(string? tag) => tag is null ? _prefix + "position" : $"{_prefix}position:{{{tag}}}";

    public string? Channel(string tag) => options.Channel is null ? null : options.ShardedChannels ? $"{options.Channel}{{{tag}}}" : options.Channel + tag;

    /// <summary>A metric's name as keys and channels have it: braces would end the hash tag early, so they and the percent sign are written as in URLs.</summary>
    public static string TagOf(ReadOnlySpan<byte> metric)
    {
        var name = Encoding.UTF8.GetString(metric);
        return name.AsSpan().IndexOfAny("{}%") < 0 ? name : name.Replace("%", "%25", StringComparison.Ordinal).Replace("{", "%7B", StringComparison.Ordinal).Replace("}", "%7D", StringComparison.Ordinal);
    }
}
