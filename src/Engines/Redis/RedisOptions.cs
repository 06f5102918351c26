using System.Buffers;
using System.Globalization;

namespace DataLayer.Engines.Redis;

/// <summary>What is Redis' own of an engine's options (<see cref="EngineOptions.Settings"/>), with the defaults. Documented in docs/engines/redis.md.</summary>
public sealed record RedisOptions
{
    private const string Allowed = "KeyPrefix, Channel, ShardedChannels, WindowSamples, WindowAge, LatestTtl, CacheValueBytes, CacheCompressBytes";

    /// <summary>A record of the window is 28 bytes and a key's value 512 MiB at most; a merge of late samples reads a window whole, in Redis' one thread.</summary>
    private const int WindowSamplesMax = 100_000;

    // Braces would move the hash tag; the others are patterns to SCAN and to ACL rules.
    private static readonly SearchValues<char> NotInPrefix = SearchValues.Create("{}*?[]\\ ");

    /// <summary>Every key begins so.</summary>
    public string KeyPrefix { get; init; } = "datalayer:";

    /// <summary>Changes are published at this, followed by the name of the metric. Null: nothing is published.</summary>
    public string? Channel { get; init; } = "datalayer:changes:";

    /// <summary>Publish with SPUBLISH: in a cluster only the node that holds the metric sees the message. Subscribers use SSUBSCRIBE.</summary>
    public bool ShardedChannels { get; init; }

    /// <summary>The newest samples of a series that a window holds for certain; it is cut when it has twice as many.</summary>
    public int WindowSamples { get; init; } = 1000;

    /// <summary>Samples older than this are not answered any more, and a series that was quiet for so long loses its window. Null: no bound.</summary>
    public TimeSpan? WindowAge { get; init; } = TimeSpan.FromHours(1);

    /// <summary>A latest value older than this is removed. Null: never.</summary>
    public TimeSpan? LatestTtl { get; init; }

    /// <summary>The largest value that <see cref="RedisCache"/> takes, before compression.</summary>
    public int CacheValueBytes { get; init; } = 4 << 20;

    /// <summary>Values from this size on are compressed with LZ4.</summary>
    public int CacheCompressBytes { get; init; } = 1024;

    /// <summary>Throws <see cref="EngineException"/> that says what is allowed.</summary>
    public static RedisOptions Parse(EngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Takes.FirstOrDefault(taken => taken is not ("raw" or "latest")) is { } other)
        {
            throw Wrong(options, $"Takes = \"{other}\": Redis takes \"latest\" (always kept) and \"raw\" (a recent window of samples)");
        }

        var parsed = new RedisOptions { WindowAge = options.Retention ?? TimeSpan.FromHours(1) };
        foreach (var (name, text) in options.Settings) parsed = With(parsed, options, name, text);
        return parsed;
    }

    private static RedisOptions With(RedisOptions parsed, EngineOptions options, string name, string text) => name switch
    {
        nameof(KeyPrefix) => parsed with { KeyPrefix = text.AsSpan().IndexOfAny(NotInPrefix) < 0 && text.Length is > 0 and <= 100 ? text : throw Wrong(options, $"{name} = \"{text}\": 1 to 100 characters, none of them a space or one of {{}}*?[]\\") },
        nameof(Channel) => parsed with { Channel = text is "off" ? null : text.AsSpan().IndexOfAny("{}") < 0 && text.Length is > 0 and <= 100 ? text : throw Wrong(options, $"{name} = \"{text}\": \"off\", or 1 to 100 characters without {{ and }}") },
        nameof(ShardedChannels) => parsed with { ShardedChannels = bool.TryParse(text, out var sharded) ? sharded : throw Wrong(options, $"{name} = \"{text}\": true or false") },
        nameof(WindowSamples) => parsed with { WindowSamples = Number(options, name, text, 1, WindowSamplesMax) },
        nameof(WindowAge) => parsed with { WindowAge = Age(options, name, text) },
        nameof(LatestTtl) => parsed with { LatestTtl = Age(options, name, text) },
        nameof(CacheValueBytes) => parsed with { CacheValueBytes = Number(options, name, text, 1024, 64 << 20) },
        nameof(CacheCompressBytes) => parsed with { CacheCompressBytes = Number(options, name, text, 64, 64 << 20) },
        _ => throw Wrong(options, $"\"{name}\" is no setting of Redis; there are {Allowed}"),
    };

    private static int Number(EngineOptions options, string name, string text, int least, int greatest) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= greatest
            ? number
            : throw Wrong(options, $"{name} = \"{text}\": a whole number from {least} to {greatest}");

    private static TimeSpan? Age(EngineOptions options, string name, string text)
    {
        if (text is "off") return null;
        return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var age) && age >= TimeSpan.FromSeconds(1) && age <= TimeSpan.FromDays(3650)
            ? age
            : throw Wrong(options, $"{name} = \"{text}\": \"off\" or a duration from 00:00:01 to 3650.00:00:00");
    }

    private static EngineException Wrong(EngineOptions options, string what) => new($"engine \"{options.Name}\" (redis): {what}", isTransient: false);
}
