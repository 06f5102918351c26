using DataLayer.Engines.Feed;

namespace DataLayer.Engines.Tests.Feed;

public sealed class EngineFeederTests : IAsyncDisposable
{
    private const long T0 = FeedFixture.T0;

    private readonly FeedFixture _fixture = new();
    private readonly ModelEngine _engine = new();

    [Fact]
    public async Task RunAsync_records_reach_the_engine_once_with_the_later_arrival_winning()
    {
        var (a, b) = (_fixture.Series("a"), _fixture.Series("b"));
        _fixture.Feed(_engine);
        await _fixture.PublishAsync((b, T0, 1), (a, T0, 2), (a, T0, 3));
        await _fixture.PublishAsync((a, T0 - 5, 4), (b, T0, 5), (_fixture.Series("c"), T0, 6));
        await _fixture.CaughtUpAsync();
        _fixture.AssertHolds(_engine);
        Assert.Equal(EngineState.Healthy, _fixture.Feeder.Report.Health.State);
        Assert.Equal(0, _fixture.Feeder.Report.Lag.Samples);
    }

    [Fact]
    public async Task RunAsync_goes_on_after_a_restart_from_the_engines_position()
    {
        var a = _fixture.Series("a");
        await _fixture.PublishAsync((a, T0, 1));
        _fixture.Feed(_engine);
        await _fixture.CaughtUpAsync();
        await _fixture.EndAsync();
        await _fixture.PublishAsync((a, T0 + 1, 2), (a, T0, 3));
        _fixture.Feed(_engine);
        await _fixture.CaughtUpAsync();
        _fixture.AssertHolds(_engine);
        Assert.Equal(2, _engine.BatchSizes[^1]);
    }

    [Fact]
    public async Task RunAsync_engine_that_fails_in_many_ways_ends_with_exactly_what_was_published()
    {
        const int seed = 4242;
        var random = new Random(seed);
        int[] series = [.. Enumerable.Range(0, 20).Select(at => _fixture.Series($"s{at}"))];
        _engine.Before = (_, _) => random.Next(4) switch
        {
            0 => throw new EngineException("it is away", isTransient: true),
            1 => throw new InvalidOperationException("a driver's own"),
            _ => Task.CompletedTask,
        };
        _engine.Opening = () => random.Next(3) == 0 ? throw new EngineException("it is away", isTransient: true) : Task.CompletedTask;
        _fixture.Feed(_engine);
        for (var round = 0; round < 100; round++)
        {
            if (random.Next(5) == 0) _engine.CutAfter = random.Next(5);
            if (random.Next(20) == 0) _engine.Empty();
            if (random.Next(20) == 0)
            {
                await _fixture.EndAsync();
                _fixture.Feed(_engine);
            }

            await _fixture.PublishAsync([.. Enumerable.Range(0, random.Next(1, 30)).Select(_ => (series[random.Next(series.Length)], T0 + random.Next(200), (double)random.Next()))]);
        }

        await _fixture.CaughtUpAsync();
        _fixture.AssertHolds(_engine);
        Assert.True(_fixture.Feeder.Report.Gauges.Failures > 0, $"seed {seed}");
    }

    [Fact]
    public async Task RunAsync_refused_samples_go_to_the_dead_letters_and_the_rest_is_stored()
    {
        var (a, b) = (_fixture.Series("a"), _fixture.Series("b"));
        _engine.Refuses = value => value is 13 or 666;
        _fixture.Feed(_engine);
        await _fixture.PublishAsync([.. Enumerable.Range(0, 500).Select(at => (at % 3 == 0 ? a : b, T0 + at, at == 77 ? 666.0 : at))]);
        await _fixture.CaughtUpAsync();
        _fixture.Expected.Remove((b, T0 + 13));
        _fixture.Expected.Remove((b, T0 + 77));
        _fixture.AssertHolds(_engine);
        var letters = _fixture.Feeder.Letters.Newest(10);
        Assert.Equal(2, letters.Count);
        Assert.Contains("\"name\":\"b\",\"labels\":{\"host\":\"a\"}", letters[0], StringComparison.Ordinal);
        Assert.Contains("\"value\":666", letters[1], StringComparison.Ordinal);
        Assert.Contains("such a value is not taken", letters[1], StringComparison.Ordinal);
        Assert.Equal(EngineState.Healthy, _fixture.Feeder.Report.Health.State);
    }

    [Fact]
    public async Task RunAsync_times_that_the_engine_cannot_hold_go_to_the_dead_letters()
    {
        var a = _fixture.Series("a");
        _fixture.Feed(_engine);
        await _fixture.PublishAsync((a, _engine.MaxTimeMicros + 1, 1), (a, T0, 2), (a, _engine.MaxTimeMicros, 3), (a, _engine.MinTimeMicros - 1, 4));
        await _fixture.CaughtUpAsync();
        _fixture.AssertHolds(_engine, key => key.Time >= _engine.MinTimeMicros && key.Time <= _engine.MaxTimeMicros);
        Assert.Equal(2, _fixture.Feeder.Letters.Count);
    }

    [Fact]
    public async Task RunAsync_filter_takes_names_and_labels_alone_and_the_position_moves()
    {
        _fixture.Options = new FeedOptions { FlushInterval = TimeSpan.FromMilliseconds(1), Names = ["cpu*", "load"], Labels = [new("host", "a")] };
        var (cpu, load, disk) = (_fixture.Series("cpu_user"), _fixture.Series("load"), _fixture.Series("disk"));
        _fixture.Feed(_engine);
        await _fixture.PublishAsync((cpu, T0, 1), (load, T0, 2), (disk, T0, 3));
        await _fixture.PublishAsync((disk, T0 + 1, 4));
        await _fixture.CaughtUpAsync();
        _fixture.AssertHolds(_engine, key => key.Series != disk);
    }

    [Fact]
    public async Task RunAsync_batches_grow_while_the_engine_is_slow()
    {
        var a = _fixture.Series("a");
        var slow = new TaskCompletionSource();
        _engine.Before = async (_, _) => await slow.Task;
        _fixture.Feed(_engine);
        for (var at = 0; at < 1000; at++) await _fixture.PublishAsync((a, T0 + at, at));
        slow.SetResult();
        await _fixture.CaughtUpAsync();
        _fixture.AssertHolds(_engine);
        Assert.True(_engine.BatchSizes.Count < 100, $"{_engine.BatchSizes.Count} batches");
    }

    [Fact]
    public async Task PauseAsync_holds_the_log_and_ResumeAsync_catches_up()
    {
        var a = _fixture.Series("a");
        _fixture.Feed(_engine);
        await _fixture.PublishAsync((a, T0, 1));
        await _fixture.CaughtUpAsync();
        var position = _engine.Position;
        await _fixture.Feeder.PauseAsync();
        await _fixture.EndAsync();
        _fixture.Feed(_engine);
        Assert.Equal(FeedState.Paused, _fixture.Feeder.State);
        for (var at = 0; at < 40; at++) await _fixture.PublishAsync([.. Enumerable.Range(0, 4000).Select(sample => (a, T0 + 1 + (at * 4000) + sample, 1.0))]);
        await _fixture.Flusher.FlushAsync(TestContext.Current.CancellationToken);
        Assert.True(_fixture.Log.OldestLsn <= position + 1, "the log was let go");
        await _fixture.Feeder.ResumeAsync();
        await _fixture.CaughtUpAsync();
        _fixture.AssertHolds(_engine);
    }

    [Fact]
    public async Task PauseAsync_while_the_engine_hangs_is_obeyed()
    {
        _engine.Before = (_, cancellation) => Task.Delay(Timeout.Infinite, cancellation);
        _fixture.Feed(_engine);
        await _fixture.PublishAsync((_fixture.Series("a"), T0, 1));
        await FeedFixture.UntilAsync(() => _engine.Opened > 0);
        await _fixture.Feeder.PauseAsync().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(FeedState.Paused, _fixture.Feeder.State);
    }

    [Fact]
    public async Task RewindAsync_writes_again_and_changes_nothing()
    {
        var a = _fixture.Series("a");
        _fixture.Feed(_engine);
        for (var at = 0; at < 20; at++) await _fixture.PublishAsync((a, T0 + (at % 7), at));
        await _fixture.CaughtUpAsync();
        await _fixture.Feeder.RewindAsync(0);
        await _fixture.CaughtUpAsync();
        _fixture.AssertHolds(_engine);
        await Assert.ThrowsAsync<EngineException>(() => _fixture.Feeder.RewindAsync(1_000_000));
    }

    [Fact]
    public async Task DetachAsync_lets_the_log_go_and_RebuildAsync_fills_the_gap_from_the_lake()
    {
        var a = _fixture.Series("a");
        _fixture.Feed(_engine);
        await _fixture.PublishAsync((a, T0, 1));
        await _fixture.CaughtUpAsync();
        await _fixture.Feeder.DetachAsync();
        await FillLogAsync(a);
        Assert.True(_fixture.Log.OldestLsn > 1);
        await _fixture.Feeder.ResumeAsync();
        await FeedFixture.UntilAsync(() => _fixture.Feeder.Report.Health.Detail.Contains("engine rebuild model", StringComparison.Ordinal));
        await _fixture.Feeder.RebuildAsync();
        await _fixture.PublishAsync((a, T0 + 3, 77));
        await _fixture.CaughtUpAsync();
        _fixture.AssertHolds(_engine);
        Assert.Equal(FeedState.Running, _fixture.Feeder.State);
    }

    [Fact]
    public async Task RunAsync_new_engine_gets_from_the_lake_what_the_log_no_longer_holds()
    {
        var a = _fixture.Series("a");
        await FillLogAsync(a);
        Assert.True(_fixture.Log.OldestLsn > 1);
        _fixture.Feed(_engine);
        await _fixture.CaughtUpAsync();
        _fixture.AssertHolds(_engine);
    }

    [Fact]
    public async Task RunAsync_engine_ahead_of_the_log_says_so_and_is_left_alone()
    {
        await _engine.MoveToAsync(1000, TestContext.Current.CancellationToken);
        _fixture.Feed(_engine);
        await FeedFixture.UntilAsync(() => _fixture.Feeder.Report.Health is { State: EngineState.Failed } health && health.Detail.Contains("older than the database", StringComparison.Ordinal));
        await _fixture.PublishAsync((_fixture.Series("a"), T0, 1));
        Assert.Empty(_engine.Stored);
    }

    [Fact]
    public async Task Log_is_kept_for_an_engine_that_is_away_when_the_daemon_starts()
    {
        var a = _fixture.Series("a");
        _fixture.Feed(_engine);
        await _fixture.PublishAsync((a, T0, 1));
        await _fixture.CaughtUpAsync();
        await _fixture.EndAsync();
        var isAway = true;
        _engine.Opening = () => isAway ? throw new EngineException("it is away", isTransient: true) : Task.CompletedTask;
        _fixture.Feed(_engine);
        await FillLogAsync(a);
        isAway = false;
        await _fixture.CaughtUpAsync();
        _fixture.AssertHolds(_engine);
    }

    /// <summary>Several segments of samples, all in the lake, and the log let go as far as its readers allow.</summary>
    private async Task FillLogAsync(int series)
    {
        for (var at = 0; at < 60; at++) await _fixture.PublishAsync([.. Enumerable.Range(0, 4000).Select(sample => (series, T0 + 1 + (at * 4000L) + sample, (double)sample))]);
        await _fixture.Flusher.FlushAsync(TestContext.Current.CancellationToken);
        await _fixture.Flusher.FlushAsync(TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();
}
