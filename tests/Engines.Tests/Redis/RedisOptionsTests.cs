using DataLayer.Engines.Redis;

namespace DataLayer.Engines.Tests.Redis;

public sealed class RedisOptionsTests
{
    [Theory]
    [InlineData("Windows", "1", "WindowSamples")]
    [InlineData("WindowSamples", "0", "1 to 100000")]
    [InlineData("WindowAge", "soon", "duration")]
    [InlineData("KeyPrefix", "a{b}", "1 to 100 characters")]
    [InlineData("Channel", "", "off")]
    [InlineData("ShardedChannels", "maybe", "true or false")]
    public void Parse_wrong_setting_says_what_is_allowed(string name, string value, string expected)
    {
        var fault = Assert.Throws<EngineException>(() => RedisOptions.Parse(Options(new() { [name] = value })));
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
        Assert.False(fault.IsTransient);
    }

    [Fact]
    public void Parse_settings_are_taken()
    {
        var parsed = RedisOptions.Parse(Options(new() { ["Channel"] = "off", ["WindowAge"] = "off", ["LatestTtl"] = "1.00:00:00", ["WindowSamples"] = "5" }));
        Assert.Equal((null, null, TimeSpan.FromDays(1), 5), (parsed.Channel, parsed.WindowAge, parsed.LatestTtl, parsed.WindowSamples));
    }

    [Fact]
    public void RedisEngine_broken_connection_string_is_not_repeated()
    {
        var options = new EngineOptions { Name = "cache", Kind = "redis", ConnectionString = "localhost,password=secret,connectTimeout=never" };
        var fault = Assert.Throws<EngineException>(() => new RedisEngine(options, new EngineContext("s", new MemoryCatalog(1), TimeProvider.System)));
        Assert.DoesNotContain("secret", fault.ToString(), StringComparison.Ordinal);
    }

    private static EngineOptions Options(Dictionary<string, string> settings) => new() { Name = "cache", Kind = "redis", ConnectionString = "localhost", Settings = settings };
}
