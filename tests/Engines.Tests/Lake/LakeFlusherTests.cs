using DataLayer.Engines.Lake;
using DataLayer.Ingest.Records;
using Microsoft.Extensions.Time.Testing;

namespace DataLayer.Engines.Tests.Lake;

public sealed class LakeFlusherTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeHot _hot = new();
    private readonly FakeEngine _fake = new();
    private readonly LakeFlusherOptions _options = new();

    private LakeFlusher Create() => new(_fake, _hot, _options, _time);

    [Fact]
    public async Task FlushAsync_nothing_hot_writes_nothing()
    {
        using var flusher = Create();
        await flusher.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Empty(_fake.Written);
        Assert.Equal(0, flusher.Flushes);
    }

    [Fact]
    public async Task FlushAsync_writes_drops_and_releases_the_log()
    {
        using var flusher = Create();
        _hot.Add(endLsn: 5);
        await flusher.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal([5L], _fake.Written);
        Assert.Equal([5L], _hot.Dropped);
        Assert.Equal(5, _hot.Released);
    }

    [Fact]
    public async Task FlushAsync_engine_fails_keeps_the_generation_and_says_so()
    {
        using var flusher = Create();
        _hot.Add(endLsn: 5);
        _fake.Fault = new EngineException("disk full", isTransient: true);
        await Assert.ThrowsAsync<EngineException>(() => flusher.FlushAsync(TestContext.Current.CancellationToken));
        Assert.Equal((EngineState.Degraded, 1L), (flusher.Health.State, flusher.Failures));
        Assert.Contains("disk full", flusher.Health.Detail, StringComparison.Ordinal);
        Assert.Empty(_hot.Dropped);
        Assert.Equal(-1, _hot.Released);

        _fake.Fault = null;
        _hot.Add(endLsn: 9);
        await flusher.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal([5L, 9], _fake.Written);
        Assert.Equal([5L, 9], _hot.Dropped);
        Assert.Equal(EngineHealth.Healthy, flusher.Health);
    }

    [Fact]
    public async Task FlushAsync_lasting_failure_is_failed()
    {
        using var flusher = Create();
        _hot.Add(endLsn: 5);
        _fake.Fault = new EngineException("gap", isTransient: false);
        await Assert.ThrowsAsync<EngineException>(() => flusher.FlushAsync(TestContext.Current.CancellationToken));
        Assert.Equal(EngineState.Failed, flusher.Health.State);
    }

    [Fact]
    public async Task RunAsync_flushes_at_the_interval()
    {
        using var flusher = Create();
        using var stop = new CancellationTokenSource();
        var run = flusher.RunAsync(stop.Token);
        _hot.Add(endLsn: 1);
        await AdvanceAsync(_options.FlushInterval - TimeSpan.FromMilliseconds(100));
        Assert.Empty(_fake.Written);
        await AdvanceUntilAsync(() => _fake.Written.Count == 1);
        await stop.CancelAsync();
        await run;
    }

    [Fact]
    public async Task RunAsync_flushes_early_when_there_are_many_samples()
    {
        using var flusher = Create();
        using var stop = new CancellationTokenSource();
        var run = flusher.RunAsync(stop.Token);
        var start = _time.GetUtcNow();
        _hot.Add(endLsn: 1);
        _hot.ActiveSamples = _options.FlushSamples;
        await AdvanceUntilAsync(() => _fake.Written.Count == 1);
        Assert.True(_time.GetUtcNow() - start < _options.FlushInterval / 2);
        await stop.CancelAsync();
        await run;
    }

    [Fact]
    public async Task RunAsync_flushes_early_when_memory_fills()
    {
        using var flusher = Create();
        using var stop = new CancellationTokenSource();
        var run = flusher.RunAsync(stop.Token);
        var start = _time.GetUtcNow();
        _hot.Add(endLsn: 1);
        _hot.IsMemoryFilling = true;
        await AdvanceUntilAsync(() => _fake.Written.Count == 1);
        Assert.True(_time.GetUtcNow() - start < _options.FlushInterval / 2);
        await stop.CancelAsync();
        await run;
    }

    [Fact]
    public async Task RunAsync_tries_again_after_a_failure()
    {
        using var flusher = Create();
        using var stop = new CancellationTokenSource();
        var run = flusher.RunAsync(stop.Token);
        _hot.Add(endLsn: 1);
        _fake.Fault = new EngineException("disk full", isTransient: true);
        await AdvanceUntilAsync(() => flusher.Failures >= 3);
        _fake.Fault = null;
        await AdvanceUntilAsync(() => _hot.Dropped.Count == 1);
        await stop.CancelAsync();
        await run;
    }

    private async Task AdvanceAsync(TimeSpan span)
    {
        for (var end = _time.GetUtcNow() + span; _time.GetUtcNow() < end; await Task.Yield()) _time.Advance(TimeSpan.FromMilliseconds(50));
    }

    private async Task AdvanceUntilAsync(Func<bool> isDone)
    {
        for (var steps = 0; !isDone(); steps++)
        {
            Assert.True(steps < 1_000_000, "it did not happen");
            _time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Yield();
        }
    }

    public ValueTask DisposeAsync() => _fake.DisposeAsync();

    private sealed class FakeHot : IHotGenerations
    {
        private readonly Queue<ISampleSource> _generations = new();
        private long _lastLsn;

        public List<long> Dropped { get; } = [];

        public long Released { get; private set; } = -1;

        public long ActiveSamples { get; set; }

        public bool IsMemoryFilling { get; set; }

        public void Add(long endLsn)
        {
            _generations.Enqueue(new MemorySource(_lastLsn, endLsn, [], _ => long.MinValue));
            _lastLsn = endLsn;
        }

        public Task<ISampleSource?> SealAsync(CancellationToken cancellation) => Task.FromResult(_generations.TryDequeue(out var generation) ? generation : null);

        public void Drop(ISampleSource generation) => Dropped.Add(generation.EndLsn);

        public void ReleaseLog(long lsn) => Released = lsn;
    }

    private sealed class FakeEngine : IEngine
    {
        public EngineException? Fault { get; set; }

        public List<long> Written { get; } = [];

        public string Name => "fake";

        public EngineCapabilities Capabilities => EngineCapabilities.None;

        public long Position => Written.LastOrDefault();

        public EngineHealth Health => EngineHealth.Healthy;

        public ValueTask OpenAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

        public ValueTask WriteAsync(ISampleSource batch, CancellationToken cancellation)
        {
            if (Fault is not null) throw Fault;
            Written.Add(batch.EndLsn);
            return ValueTask.CompletedTask;
        }

        public IEngineSnapshot Snapshot() => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
