using System.Text.RegularExpressions;
using DataLayer.Engines.Redis;
using DataLayer.Ingest.Series;
using DataLayer.Protocol;
using DataLayer.Servers;

namespace DataLayer.Engines.Tests.Redis;

/// <summary>docs/engines/redis.md: its commands answer what it says, and its rights are enough.</summary>
public sealed partial class RedisDocsTests
{
    private static readonly string Page = File.ReadAllText(PathOfPage());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Page_commands_answer_what_it_says()
    {
        await using var server = new RedisServer();
        await server.StartAsync();
        await using var engine = Engine(server, null, null);
        await engine.OpenAsync(Token);
        await engine.WriteAsync(new MemorySource(0, 1, [new Sample(0, 1_772_359_200_000_000, 21.5)], _ => long.MinValue), Token);
        var commands = Command().Matches(Page);
        Assert.NotEmpty(commands);
        foreach (Match command in commands)
        {
            Assert.Equal(command.Groups["answer"].Value.TrimEnd(), await server.CliAsync(command.Groups["words"].Value.Split(' ')));
        }
    }

    [Fact]
    public async Task Page_rights_are_enough_and_no_more_is_allowed()
    {
        await using var server = new RedisServer();
        await server.StartAsync();
        var rights = Rights().Match(Page).Value.Replace("PASSWORD", "of-this-test", StringComparison.Ordinal);
        Assert.Equal("OK", await server.CliAsync(rights.Split(' ')));
        await using var engine = Engine(server, "datalayer", "of-this-test", ("LatestTtl", "01:00:00"));
        try
        {
            await UseAsync(engine);
        }
        catch (EngineException fault)
        {
            Assert.Fail($"{fault.Message}\n{await server.CliAsync("ACL", "LOG")}");
        }

        await using var elsewhere = Engine(server, "datalayer", "of-this-test", ("KeyPrefix", "other:"));
        var refused = await Assert.ThrowsAsync<EngineException>(() => elsewhere.OpenAsync(Token).AsTask());
        Assert.Contains("docs/engines/redis.md", refused.Message, StringComparison.Ordinal);
    }

    private static async Task UseAsync(RedisEngine engine)
    {
        await engine.OpenAsync(Token);
        await engine.DescribeAsync(Token);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1000;
        Sample[] samples = [new(0, now - 10, 1), new(0, now, 21.5)];
        await engine.WriteAsync(new MemorySource(0, 1, samples, _ => long.MinValue), Token);
        await engine.AddAsync(new MemorySource(1, 1, [new(0, now - 5, 3)], _ => long.MaxValue), Token);
        await engine.MoveToAsync(0, Token);
        await engine.WriteAsync(new MemorySource(0, 1, samples, _ => now), Token);
        await engine.ExpireAsync(Token);
        using var snapshot = engine.Snapshot();
        Assert.Equal(3, EngineModel.ReadAll(snapshot, [0]).Count);
        Assert.True(snapshot.TryLatest(0, out _, out _));
        Assert.True(await engine.Cache.TrySetAsync("key", new byte[] { 1 }, TimeSpan.FromMinutes(1), Token));
        Assert.NotNull(await engine.Cache.GetAsync("key", Token));
    }

    private static RedisEngine Engine(RedisServer server, string? user, string? password, params (string Name, string Value)[] settings) => new(
        new EngineOptions { Name = "cache", Kind = "redis", ConnectionString = server.Address, Username = user, Password = password, Takes = ["raw"], Settings = settings.ToDictionary(setting => setting.Name, setting => setting.Value) },
        new EngineContext(RedisEngines.Source, new OneSeries(), TimeProvider.System));

    private static string PathOfPage()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (Path.Combine(folder, "docs", "engines", "redis.md") is var page && File.Exists(page)) return page;
        }

        throw new InvalidOperationException("docs/engines/redis.md was not found above the test's folder.");
    }

    [GeneratedRegex(@"^\$ redis-cli (?<words>.+)\n(?<answer>(?:(?!\$|```).*\n)*)", RegexOptions.Multiline)]
    private static partial Regex Command();

    [GeneratedRegex("^ACL SETUSER .*$", RegexOptions.Multiline)]
    private static partial Regex Rights();

    /// <summary>The page's example.</summary>
    private sealed class OneSeries : ISeriesCatalog
    {
        private readonly byte[] _key = SeriesKey.Of("cpu.load", [new("host", "web1")]);

        public int Count => 1;

        public ReadOnlySpan<byte> KeyOf(int series) => _key;

        public int MetricOf(int series) => 0;

        public int[] Select(string? name, IReadOnlyList<KeyValuePair<string, string>> labels) => throw new NotSupportedException();
    }
}
