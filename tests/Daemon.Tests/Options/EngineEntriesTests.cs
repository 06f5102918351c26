using System.Collections;
using DataLayer.Daemon.Options;
using DataLayer.Engines.Feed;
using Xunit;

namespace DataLayer.Daemon.Tests.Options;

public sealed class EngineEntriesTests : IDisposable
{
    private readonly string _folder = DaemonProcess.NewFolder();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Read_aListInAFile_withTheEnvironmentOverIt()
    {
        var secret = Path.Combine(_folder, "secret");
        File.WriteAllText(secret, "from a file\n");
        var file = Write($$"""
            { "DataLayer": { "Engines": [
                { "Name": "warehouse", "Kind": "postgres", "ConnectionString": "Host=a", "PasswordFile": "{{secret}}", "Names": ["cpu*", "load"], "Labels": ["env=prod"], "Retention": "30 d", "WhenLogFull": "detach", "Settings": { "Index": "brin" } },
                { "Kind": "redis", "ConnectionString": "b:6379" },
                { "Kind": "lake" } ] } }
            """);
        var engines = Load(file, ("DataLayer__Engines__1__FlushInterval", "20 ms"), ("DataLayer__Engines__1__Settings__Channel", "x"));
        Assert.Equal(["warehouse", "redis"], engines.Select(spec => spec.Engine.Name));
        var (warehouse, redis) = (engines[0], engines[1]);
        Assert.Equal("from a file", warehouse.Engine.Password);
        Assert.Equal(["cpu*", "load"], warehouse.Feed.Names);
        Assert.Equal([new("env", "prod")], warehouse.Feed.Labels);
        Assert.Equal(TimeSpan.FromDays(30), warehouse.Engine.Retention);
        Assert.True(warehouse.Feed.DetachesWhenFull);
        Assert.Equal("brin", warehouse.Engine.Settings["index"]);
        Assert.Equal((10_000, TimeSpan.FromMilliseconds(50)), (warehouse.Feed.BatchRows, warehouse.Feed.FlushInterval));
        Assert.Equal(TimeSpan.FromMilliseconds(20), redis.Feed.FlushInterval);
        Assert.Equal("x", redis.Engine.Settings["Channel"]);
        Assert.False(redis.Feed.DetachesWhenFull);
    }

    [Fact]
    public void Read_theEnvironmentAlone_isEnough()
    {
        var spec = Assert.Single(OptionsLoader.Load(CommandLine.Parse([]), new Hashtable { ["DataLayer__Engines__0__Kind"] = "postgres", ["DataLayer__Engines__0__ConnectionString"] = "Host=a" }).Options.Engines);
        Assert.Equal(("postgres", "Host=a"), (spec.Engine.Name, spec.Engine.ConnectionString));
    }

    [Theory]
    [InlineData("""{ "Kind": "oracle", "ConnectionString": "x" }""", "DataLayer:Engines:0:Kind = \"oracle\" is none of postgres, clickhouse, redis, mongo")]
    [InlineData("""{ "Kind": "redis" }""", "DataLayer:Engines:0:ConnectionString is empty")]
    [InlineData("""{ "Kind": "redis", "ConnectionString": "x", "Name": "Ünicode" }""", "is not lower-case letters")]
    [InlineData("""{ "Kind": "redis", "ConnectionString": "x", "Name": "lake" }""", "taken by the embedded lake")]
    [InlineData("""{ "Kind": "redis", "ConnectionString": "x", "Pool": 4 }""", "DataLayer:Engines:0:Pool is not an option")]
    [InlineData("""{ "Kind": "redis", "ConnectionString": "x", "PoolSize": 0 }""", "DataLayer:Engines:0:PoolSize = \"0\" is out of range (1 to 1000)")]
    [InlineData("""{ "Kind": "redis", "ConnectionString": "x", "Takes": ["everything"] }""", "\"everything\" is none of raw, rollups, latest")]
    [InlineData("""{ "Kind": "redis", "ConnectionString": "x", "Labels": ["env"] }""", "\"env\" is not label=value")]
    [InlineData("""{ "Kind": "redis", "ConnectionString": "x", "WhenLogFull": "panic" }""", "neither refuse nor detach")]
    [InlineData("""{ "Kind": "redis", "ConnectionString": "x", "TlsCa": "/nowhere.pem" }""", "there is no file /nowhere.pem")]
    [InlineData("""{ "Kind": "redis", "ConnectionString": "x", "PasswordFile": "/nowhere" }""", "PasswordFile = \"/nowhere\" cannot be read")]
    [InlineData("""{ "Kind": "redis", "ConnectionString": "x" }, { "Kind": "redis", "ConnectionString": "y" }""", "is another engine's already")]
    public void Read_aBadEntry_saysWhatAndWhere(string entries, string expected)
    {
        var error = Assert.Throws<ConfigurationException>(() => Load(Write($"{{ \"DataLayer\": {{ \"Engines\": [ {entries} ] }} }}")));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_aFaultBesideASecret_doesNotShowIt()
    {
        var error = Assert.Throws<ConfigurationException>(() => Load(Write("""{ "DataLayer": { "Engines": [ { "Kind": "oracle", "ConnectionString": "Password=hush", "Password": "hush", "PoolSize": "many" } ] } }""")));
        Assert.DoesNotContain("hush", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fingerprint_changesWithAnything_evenTheContentsOfASecretFile()
    {
        var secret = Path.Combine(_folder, "secret");
        var file = Write($$"""{ "DataLayer": { "Engines": [ { "Kind": "redis", "ConnectionString": "x", "PasswordFile": "{{secret}}" } ] } }""");
        File.WriteAllText(secret, "one");
        var one = Load(file)[0].Fingerprint;
        Assert.Equal(one, Load(file)[0].Fingerprint);
        File.WriteAllText(secret, "two");
        Assert.NotEqual(one, Load(file)[0].Fingerprint);
    }

    private static IReadOnlyList<EngineSpec> Load(string file, params (string Key, string Value)[] environment)
    {
        var table = new Hashtable();
        foreach (var (key, value) in environment) table[key] = value;
        return OptionsLoader.Load(CommandLine.Parse(["--config", file]), table).Options.Engines;
    }

    private string Write(string json)
    {
        var file = Path.Combine(_folder, "datalayer.json");
        File.WriteAllText(file, json);
        return file;
    }
}
