using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;
using DataLayer.Protocol;
using DataLayer.Servers;
using Xunit;

namespace DataLayer.Daemon.Tests.Engines;

/// <summary>The daemon and a real server behind it: feeding, orders, reload, faults.</summary>
public sealed partial class EngineOrdersTests : IAsyncLifetime
{
    private const int SigHup = 1;

    private readonly RedisServer _redis = new(RedisServer.Durable);
    private readonly string _folder = DaemonProcess.NewFolder();

    private string Configuration => Path.Combine(_folder, "datalayer.json");

    public async ValueTask InitializeAsync()
    {
        await _redis.StartAsync();
        Configure(Entry("cache"));
    }

    [Fact]
    public async Task Engine_isFed_paused_resumed_rewound_andTellsWhereItStands()
    {
        await using var daemon = await StartAsync();
        using var client = await daemon.ConnectAsync();
        await SendAsync(client, "a", 1);
        var engine = await CaughtUpAsync(daemon);
        Assert.Equal(("redis", "healthy", "running"), (Text(engine, "kind"), Text(engine, "state"), Text(engine, "feed")));
        Assert.Equal(1, await LatestAsync(daemon, "a"));

        Assert.Equal(HttpStatusCode.OK, await OrderAsync(daemon, "cache/pause"));
        await SendAsync(client, "a", 2);
        await EngineWhenAsync(daemon, paused => Text(paused, "feed") == "paused" && paused.GetProperty("lag").GetInt64() > 0 && paused.GetProperty("lagSamples").GetInt64() > 0);
        Assert.Equal(1, await LatestAsync(daemon, "a"));
        Assert.Equal(2, await daemon.LatestAsync("a"));

        Assert.Equal(HttpStatusCode.OK, await OrderAsync(daemon, "cache/resume"));
        await CaughtUpAsync(daemon);
        Assert.Equal(2, await LatestAsync(daemon, "a"));
        Assert.Equal(HttpStatusCode.OK, await OrderAsync(daemon, "cache/rewind?to=oldest"));
        await CaughtUpAsync(daemon);
        Assert.Equal(2, await LatestAsync(daemon, "a"));
        Assert.Equal(HttpStatusCode.Conflict, await OrderAsync(daemon, "cache/rewind?to=123456789"));
        Assert.Equal(HttpStatusCode.BadRequest, await OrderAsync(daemon, "cache/rewind?to=never"));
        Assert.Equal(HttpStatusCode.NotFound, await OrderAsync(daemon, "nobody/pause"));
        Assert.Contains("datalayer_engine_up{engine=\"cache\"} 1", (await daemon.GetAsync("/metrics")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Engine_thatIsAway_keepsNobodyWaiting_andCatchesUp()
    {
        await using var daemon = await StartAsync();
        using var client = await daemon.ConnectAsync();
        await SendAsync(client, "a", 1);
        await CaughtUpAsync(daemon);
        await _redis.KillAsync();
        for (var at = 0; at < 20; at++) await SendAsync(client, "a", 10 + at);
        Assert.Equal(29, await daemon.LatestAsync("a"));
        var away = await EngineWhenAsync(daemon, engine => Text(engine, "state") == "degraded" && engine.GetProperty("failures").GetInt64() > 0);
        Assert.Contains("cache", Text(away, "lastError"), StringComparison.Ordinal);
        await _redis.StartAsync();
        await CaughtUpAsync(daemon);
        Assert.Equal(29, await LatestAsync(daemon, "a"));
    }

    [Fact]
    public async Task Engine_isThere_afterKillOfTheDaemon_fromWhereItStood()
    {
        var folder = Path.Combine(_folder, "data");
        await using (var daemon = await DaemonProcess.StartAsync(folder, "--config", Configuration))
        {
            using var client = await daemon.ConnectAsync();
            for (var at = 0; at < 50; at++) await SendAsync(client, $"s{at}", at);
            await daemon.KillAsync();
        }

        await using var again = await DaemonProcess.StartAsync(folder, "--config", Configuration);
        await CaughtUpAsync(again);
        for (var at = 0; at < 50; at++) Assert.Equal(at, await LatestAsync(again, $"s{at}"));
    }

    [Fact]
    public async Task Reload_bySignalAndByRequest_addsAndRemovesEngines_andABadFileChangesNothing()
    {
        await using var daemon = await StartAsync();
        using var client = await daemon.ConnectAsync();
        await SendAsync(client, "a", 1);
        await CaughtUpAsync(daemon);

        Configure(Entry("cache"), Entry("second", """, "Settings": { "KeyPrefix": "other:" }"""));
        Assert.Equal(0, Signal(daemon.Id, SigHup));
        await EngineWhenAsync(daemon, engine => Text(engine, "name") == "second" && engine.GetProperty("lag").GetInt64() == 0);
        Assert.Equal(1, await LatestAsync(daemon, "a", "second"));

        File.WriteAllText(Configuration, "{ \"DataLayer\": { \"Engines\": [ { \"Kind\": \"oracle\" } ] } }");
        Assert.Equal(HttpStatusCode.BadRequest, await OrderAsync(daemon, "reload"));
        Assert.Equal(["cache", "second"], await NamesAsync(daemon));

        Configure(Entry("second", """, "Settings": { "KeyPrefix": "other:" }"""));
        Assert.Equal(HttpStatusCode.OK, await OrderAsync(daemon, "reload"));
        Assert.Equal(["second"], await NamesAsync(daemon));
        Assert.DoesNotContain("engine=\"cache\"", (await daemon.GetAsync("/metrics")).Body, StringComparison.Ordinal);
        await SendAsync(client, "a", 2);
        await CaughtUpAsync(daemon);
        Assert.Equal(2, await LatestAsync(daemon, "a", "second"));
    }

    [Fact]
    public async Task Validate_connectsAndSaysWhatItFound_orWhatIsWrong()
    {
        var (code, error) = await DaemonProcess.RunToEndAsync(["validate", "--config", Configuration, "--data-dir", Path.Combine(_folder, "new")]);
        Assert.Equal((0, ""), (code, error));
        Configure($$"""{ "Name": "gone", "Kind": "redis", "ConnectionString": "127.0.0.1:1,password=hush", "Timeout": "2 s" }""");
        (code, error) = await DaemonProcess.RunToEndAsync(["validate", "--config", Configuration, "--data-dir", Path.Combine(_folder, "new")]);
        Assert.Equal(70, code);
        Assert.Contains("gone", error, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Budget_fullBecauseOfOneEngine_detachesIt_whereConfiguredSo()
    {
        Configure(Entry("cache", """, "WhenLogFull": "detach" """));
        await using var daemon = await DaemonProcess.StartAsync(null, "--config", Configuration, "--set", "Log:SegmentBytes=1MiB", "--set", "Log:MaxBytes=16MiB", "--set", "Lake:FlushInterval=1s");
        using var client = await daemon.ConnectAsync();
        await SendAsync(client, "a", 1);
        await CaughtUpAsync(daemon);
        await OrderAsync(daemon, "cache/pause");
        await FillLogAsync(daemon);
        var detached = await EngineWhenAsync(daemon, engine => Text(engine, "feed") == "detached");
        Assert.Equal("failed", Text(detached, "state"));
        Assert.Contains("engine rebuild", Text(detached, "detail"), StringComparison.Ordinal);
        await daemon.StatusWhenAsync(status => status.GetProperty("ingest").GetProperty("admission").GetString() == "open");
        using var later = await daemon.ConnectAsync();
        await SendAsync(later, "a", 5);
        await OrderAsync(daemon, "cache/rebuild");
        await CaughtUpAsync(daemon);
        Assert.Equal(5, await LatestAsync(daemon, "a"));
        Assert.Contains("detached", daemon.Output, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _redis.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private string Entry(string name, string more = "") => $$"""{ "Name": "{{name}}", "Kind": "redis", "ConnectionString": "{{_redis.Address}}", "Timeout": "2 s"{{more}} }""";

    private void Configure(params string[] entries) => File.WriteAllText(Configuration, $"{{ \"DataLayer\": {{ \"Engines\": [ {string.Join(", ", entries)} ] }} }}");

    private Task<DaemonProcess> StartAsync() => DaemonProcess.StartAsync(null, "--config", Configuration);

    private static async Task SendAsync(System.Net.Sockets.TcpClient client, string name, double value)
    {
        using var writer = new MsgPackWriter();
        MessageEncoder.WriteLine(writer, name, [], null, value);
        await Wire.SendAndAwaitAckAsync(client, writer.Written.ToArray());
    }

    /// <summary>Some 40 KiB of the log, of a series that no test asks for.</summary>
    private static byte[] Many(int round)
    {
        using var writer = new MsgPackWriter();
        for (var at = 0; at < 2000; at++) MessageEncoder.WriteLine(writer, "filler", [], 1_772_359_200_000_000L + (round * 2000L) + at, at);
        return writer.Written.ToArray();
    }

    /// <summary>Until the engine is let go. A sender that is faster than the watch is refused meanwhile, as the log is full.</summary>
    private static async Task FillLogAsync(DaemonProcess daemon)
    {
        for (var round = 0; round < 4000 && Text(await EngineAsync(daemon), "feed") != "detached"; round++)
        {
            using var client = await daemon.ConnectAsync();
            try
            {
                await Wire.SendAndAwaitAckAsync(client, Many(round));
            }
            catch (InvalidDataException refused) when (refused.Message.Contains("no ack", StringComparison.Ordinal))
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
        }
    }

    private static async Task<HttpStatusCode> OrderAsync(DaemonProcess daemon, string order) => (await daemon.PostAsync("/api/v1/engines/" + order, [])).Status;

    private static async Task<double?> LatestAsync(DaemonProcess daemon, string name, string engine = "cache")
    {
        using var json = JsonDocument.Parse((await daemon.GetAsync($"/api/v1/latest?name={name}&engine={engine}")).Body);
        var series = json.RootElement.GetProperty("series");
        return series.GetArrayLength() == 0 ? null : series[0].GetProperty("value").GetDouble();
    }

    private static async Task<List<JsonElement>> EnginesAsync(DaemonProcess daemon)
    {
        using var json = JsonDocument.Parse((await daemon.GetAsync("/api/v1/engines")).Body);
        return [.. json.RootElement.Clone().GetProperty("engines").EnumerateArray()];
    }

    private static async Task<JsonElement> EngineAsync(DaemonProcess daemon) => (await EnginesAsync(daemon))[^1];

    private static async Task<string[]> NamesAsync(DaemonProcess daemon) => [.. (await EnginesAsync(daemon)).Select(engine => Text(engine, "name"))];

    private static Task<JsonElement> CaughtUpAsync(DaemonProcess daemon) => EngineWhenAsync(daemon, engine => Text(engine, "state") == "healthy" && engine.GetProperty("lag").GetInt64() == 0);

    private static async Task<JsonElement> EngineWhenAsync(DaemonProcess daemon, Func<JsonElement, bool> wanted)
    {
        for (var attempt = 0; attempt < 3000; attempt++)
        {
            foreach (var engine in await EnginesAsync(daemon))
            {
                if (wanted(engine)) return engine;
            }

            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        throw new TimeoutException($"no engine as wanted: {(await daemon.GetAsync("/api/v1/engines")).Body}\n{daemon.Output}");
    }

    private static string Text(JsonElement engine, string key) => engine.TryGetProperty(key, out var text) ? text.GetString()! : "";

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Signal(int process, int signal);
}
