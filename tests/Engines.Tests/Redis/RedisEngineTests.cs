using DataLayer.Engines.Redis;
using DataLayer.Servers;
using StackExchange.Redis;

namespace DataLayer.Engines.Tests.Redis;

/// <summary>What Redis has beyond the contract: messages, windows with bounds, times to live, the order of two writers.</summary>
public sealed class RedisEngineTests(RedisFixture fixture) : IAsyncLifetime
{
    private readonly string _prefix = fixture.NextPrefix();
    private readonly MemoryCatalog _catalog = new(8);
    private RedisServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1000;

    public async ValueTask InitializeAsync() => _server = await fixture.StartedAsync();

    [Fact]
    public async Task WriteAsync_publishes_each_new_sample_once_in_order()
    {
        await using var engine = await OpenAsync();
        using var subscriber = await ConnectionMultiplexer.ConnectAsync(_server.Address);
        var messages = await subscriber.GetSubscriber().SubscribeAsync(RedisChannel.Pattern(_prefix + "changes:*"));
        var model = new EngineModel();
        MemorySource[] batches = [model.Next(new Sample(1, 10, 1), new Sample(1, 20, 2), new Sample(2, 5, 0.5, 0.5f)), model.Next(new Sample(1, 15, 9), new Sample(1, 30, 3))];
        foreach (var batch in batches) await engine.WriteAsync(batch, Token);
        await engine.MoveToAsync(0, Token);
        foreach (var batch in batches) await engine.WriteAsync(batch, Token);
        await engine.WriteAsync(model.Next(new Sample(1, 30, 4)), Token);
        var (one, two) = (SeriesId.Of(_catalog.KeyOf(1)), SeriesId.Of(_catalog.KeyOf(2)));
        string[] expected =
        [
            $"m1 {one} 0000000000000010 1 1 3", $"m1 {one} 0000000000000020 2 1 3", $"m2 {two} 0000000000000005 0.5 0.5 3",
            $"m1 {one} 0000000000000030 3 1 5", $"m1 {one} 0000000000000030 4 1 6",
        ];
        foreach (var text in expected)
        {
            var message = await messages.ReadAsync(Token);
            Assert.Equal(text, message.Channel.ToString()[(_prefix.Length + "changes:".Length)..] + " " + message.Message);
        }
    }

    [Fact]
    public async Task WriteAsync_older_writer_replaces_nothing_newer()
    {
        await using var first = await OpenAsync();
        await using var second = await OpenAsync();
        var (model, other) = (new EngineModel(), new EngineModel());
        await first.WriteAsync(model.Next(new Sample(0, 10, 1), new Sample(1, 10, 1)), Token);
        await second.WriteAsync(model.Next(new Sample(0, 1000, 2), new Sample(1, 1000, 2)), Token);

        // The first knows nothing of that: to it, its samples are new.
        other.Next(new Sample(0, 10, 1), new Sample(1, 10, 1));
        await first.WriteAsync(other.Next(new Sample(0, 20, 3), new Sample(1, 2000, 3)), Token);
        using var snapshot = first.Snapshot();
        Assert.True(snapshot.TryLatest(0, out var time, out _));
        Assert.Equal(1000, time);
        Assert.True(snapshot.TryLatest(1, out time, out _));
        Assert.Equal(2000, time);
    }

    [Fact]
    public async Task WriteAsync_position_moved_by_another_instance_is_refused_once()
    {
        await using var first = await OpenAsync();
        await using var second = await OpenAsync();
        var model = new EngineModel();
        await first.WriteAsync(model.Next(new Sample(0, 10, 1)), Token);
        await second.MoveToAsync(0, Token);
        var next = model.Next(new Sample(0, 20, 1));
        await Assert.ThrowsAsync<EngineException>(() => first.WriteAsync(next, Token).AsTask());
        Assert.Equal(0, first.Position);
    }

    [Fact]
    public async Task Window_is_bounded_and_says_from_when_it_is_whole()
    {
        await using var engine = await OpenAsync(("WindowSamples", "100"));
        var model = new EngineModel();
        for (var round = 0; round < 40; round++)
        {
            await engine.WriteAsync(model.Next([.. Enumerable.Range(0, 10).Select(at => new Sample(1, ((round * 10L) + at) * 1000, at)), new Sample(2, round, round)]), Token);
        }

        using var snapshot = engine.Snapshot();
        var read = EngineModel.ReadAll(snapshot, [1]);
        Assert.InRange(read.Count, 100, 200);
        Assert.Equal(read[0].Time, snapshot.RawFromMicros + 999);
        EngineModel.AssertSame(model.Read([1], snapshot.RawFromMicros, long.MaxValue), read);
        Assert.True((await _server.CliAsync("STRLEN", $"{_prefix}window:{{m1}}:{SeriesId.Of(_catalog.KeyOf(1))}")) is { } length && int.Parse(length, System.Globalization.CultureInfo.InvariantCulture) <= 200 * 28);
        await using var again = await OpenAsync(("WindowSamples", "100"));
        using var later = again.Snapshot();
        Assert.Equal(snapshot.RawFromMicros, later.RawFromMicros);
    }

    [Fact]
    public async Task Window_samples_beyond_the_age_are_not_answered_and_go()
    {
        await using var engine = await OpenAsync(("WindowAge", "00:10:00"));
        var (model, now) = (new EngineModel(), Now);
        var old = now - 1_200_000_000;
        for (var round = 0; round < 13; round++) await engine.WriteAsync(model.Next([.. Enumerable.Range(0, 5).Select(at => new Sample(1, old + (round * 5) + at, at))]), Token);
        await engine.WriteAsync(model.Next(new Sample(1, now, 7)), Token);
        using var snapshot = engine.Snapshot();
        Assert.Equal(now, Assert.Single(EngineModel.ReadAll(snapshot, [1])).Time);
        var key = $"{_prefix}window:{{m1}}:{SeriesId.Of(_catalog.KeyOf(1))}";
        Assert.True(int.Parse(await _server.CliAsync("STRLEN", key), System.Globalization.CultureInfo.InvariantCulture) <= 3 * 28, "the 64th sample makes the script look for old ones");
        Assert.InRange(int.Parse(await _server.CliAsync("TTL", key), System.Globalization.CultureInfo.InvariantCulture), 1, 600);
    }

    [Fact]
    public async Task ExpireAsync_removes_old_latest_values_and_a_series_that_comes_back_has_its_labels()
    {
        await using var engine = await OpenAsync(("LatestTtl", "01:00:00"));
        var (model, now) = (new EngineModel(), Now);
        await engine.WriteAsync(model.Next(new Sample(1, now - (2 * 3_600_000_000L), 1), new Sample(3, now, 1)), Token);
        Assert.Contains("1 latest values", await engine.ExpireAsync(Token), StringComparison.Ordinal);
        using var snapshot = engine.Snapshot();
        Assert.False(snapshot.TryLatest(1, out _, out _));
        Assert.True(snapshot.TryLatest(3, out _, out _));
        Assert.Null(await engine.ExpireAsync(Token));
        Assert.Equal("", await _server.CliAsync("HVALS", _prefix + "series:{m1}"));
        await engine.WriteAsync(model.Next(new Sample(1, now, 1)), Token);
        Assert.Contains("h1", await _server.CliAsync("HVALS", _prefix + "series:{m1}"), StringComparison.Ordinal);
        Assert.InRange(int.Parse(await _server.CliAsync("TTL", _prefix + "latest:{m1}"), System.Globalization.CultureInfo.InvariantCulture), 1, 3600);
    }

    [Fact]
    public async Task OpenAsync_layout_of_a_newer_daemon_is_refused()
    {
        await _server.CliAsync("SET", _prefix + "schema", "2");
        var fault = await Assert.ThrowsAsync<EngineException>(() => OpenAsync());
        Assert.False(fault.IsTransient);
    }

    [Fact]
    public async Task WriteAsync_metric_with_braces_stays_in_its_slot()
    {
        var catalog = new MemoryCatalog(2, _ => "}odd{%");
        await using var engine = RedisEngines.Create(_server.Address, _prefix, catalog);
        await engine.OpenAsync(Token);
        var model = new EngineModel();
        await engine.WriteAsync(model.Next(new Sample(0, 1, 1), new Sample(1, 2, 2)), Token);
        using var snapshot = engine.Snapshot();
        model.AssertMatches(snapshot, 2, withRollups: false);
        Assert.Equal("2", await _server.CliAsync("HLEN", _prefix + "series:{%7Dodd%7B%25}"));
        Assert.Equal("}odd{%", await _server.CliAsync("SMEMBERS", _prefix + "metrics"));
    }

    [Fact]
    public async Task Cache_keeps_compressed_values_for_a_while()
    {
        await using var engine = await OpenAsync(("CacheValueBytes", "10000"));
        var text = new byte[10_000];
        Assert.True(await engine.Cache.TrySetAsync("large", text, TimeSpan.FromMinutes(1), Token));
        Assert.True(int.Parse(await _server.CliAsync("STRLEN", _prefix + "cache:large"), System.Globalization.CultureInfo.InvariantCulture) < 200);
        Assert.Equal(text, await engine.Cache.GetAsync("large", Token));
        byte[] small = [1, 2, 3];
        Assert.True(await engine.Cache.TrySetAsync("small", small, TimeSpan.FromMilliseconds(1), Token));
        await RedisCluster.UntilAsync(async () => await engine.Cache.GetAsync("small", Token) is null, "the value is gone");
        Assert.False(await engine.Cache.TrySetAsync("too large", new byte[10_001], TimeSpan.FromMinutes(1), Token));
        Assert.Null(await engine.Cache.GetAsync("too large", Token));
        await _server.CliAsync("SET", _prefix + "cache:foreign", "not ours");
        Assert.Null(await engine.Cache.GetAsync("foreign", Token));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<RedisEngine> OpenAsync(params (string Name, string Value)[] settings)
    {
        var engine = RedisEngines.Create(_server.Address, _prefix, _catalog, settings: settings);
        await engine.OpenAsync(Token);
        return engine;
    }
}
