using DataLayer.Engines.Postgres;
using DataLayer.Servers;

namespace DataLayer.Engines.Tests.Postgres;

/// <summary>What happens to a server happens to one of this class's own.</summary>
public sealed class PostgresFaultTests : IAsyncLifetime
{
    private const int SeriesCount = 8;
    private const int Batches = 25;
    private const int Cuts = 5;
    private const long T0 = 1_772_359_200_000_000L;

    private readonly PostgresServer _server = new();
    private readonly EngineModel _model = new();
    private PostgresEngine _engine = null!;

    public async ValueTask InitializeAsync()
    {
        await _server.CreateAsync();
        _engine = PostgresFixture.On(_server.ConnectionString(), new MemoryCatalog(SeriesCount), timeout: TimeSpan.FromSeconds(20));
        await _engine.OpenAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task WriteAsync_server_killed_in_the_middle_holds_exactly_what_was_written(int seed)
    {
        var random = new Random(seed);
        var writer = Task.Run(() => FeedAsync(random.Next()));
        while (Volatile.Read(ref _written) < 5 && !writer.IsCompleted) await Task.Delay(random.Next(1, 10), TestContext.Current.CancellationToken);
        await _server.KillAsync();
        await _server.StartAsync();
        Assert.True(await writer > 0, $"No write met the kill; seed {seed}.");
        await AssertHeldAsync();
    }

    [Fact]
    public async Task WriteAsync_connection_cut_in_the_middle_of_batches_stores_each_once()
    {
        var writer = Task.Run(() => FeedAsync(3));
        var database = new PostgresDatabase(_server.ConnectionString());
        for (var cuts = 0L; cuts < Cuts && !writer.IsCompleted;)
        {
            cuts += await database.ScalarAsync<long>("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'datalayer pg' AND state <> 'idle'");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        Assert.True(await writer > 0, "No connection was cut while it wrote.");
        await AssertHeldAsync();
    }

    [Fact]
    public async Task WriteAsync_server_that_stands_still_times_out_as_transient_and_goes_on_later()
    {
        await using var engine = PostgresFixture.On(_server.ConnectionString(), new MemoryCatalog(SeriesCount), timeout: TimeSpan.FromSeconds(1));
        await engine.OpenAsync(TestContext.Current.CancellationToken);
        await PostgresDatabase.WriteAsync(engine, _model.Next(new Sample(0, T0, 1)));
        var batch = _model.Next([.. Enumerable.Range(1, 200_000).Select(at => new Sample(at % SeriesCount, T0 + at, at))]);
        _server.Suspend();
        try
        {
            // With more to send than the socket holds, and with an answer only to wait for.
            foreach (var stuck in new[] { batch, batch.Split(4)[0] as MemorySource })
            {
                var fault = await Assert.ThrowsAsync<EngineException>(() => PostgresDatabase.WriteAsync(engine, stuck!).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
                Assert.True(fault.IsTransient);
                Assert.Equal(EngineState.Degraded, engine.Health.State);
            }

            Assert.True(Assert.ThrowsAny<EngineException>(() => engine.Snapshot()).IsTransient);
        }
        finally
        {
            _server.Resume();
        }

        await UntilWrittenAsync(engine, batch);
        using var snapshot = engine.Snapshot();
        _model.AssertMatches(snapshot, SeriesCount);
        Assert.Equal(EngineHealth.Healthy, engine.Health);
    }

    [Fact]
    public async Task WriteAsync_server_stopped_between_batches_goes_on_after_it_is_back()
    {
        await PostgresDatabase.WriteAsync(_engine, _model.Next(new Sample(0, T0, 1)));
        await _server.StopAsync();
        var batch = _model.Next(new Sample(0, T0 + 1, 2));
        var fault = await Assert.ThrowsAsync<EngineException>(() => PostgresDatabase.WriteAsync(_engine, batch));
        Assert.True(fault.IsTransient);
        Assert.Contains($"127.0.0.1:{_server.Port}", fault.Message, StringComparison.Ordinal);
        await _server.StartAsync();
        await UntilWrittenAsync(_engine, batch);
        await AssertHeldAsync();
    }

    private int _written;

    /// <summary>Writes as the feeder does: the same batch until it is taken. Some samples are late, some twice. Returns how many attempts failed.</summary>
    private async Task<int> FeedAsync(int seed)
    {
        var random = new Random(seed);
        var faults = 0;
        for (var number = 0; number < Batches; number++)
        {
            var from = number * 3000;
            var batch = _model.Next([.. Enumerable.Range(0, 4000).Select(at => new Sample(random.Next(SeriesCount), T0 + (random.Next(from, from + 6000) * 100_000L), random.Next(1000)))]);
            faults += await UntilWrittenAsync(_engine, batch);
            Interlocked.Increment(ref _written);
        }

        return faults;
    }

    private static async Task<int> UntilWrittenAsync(PostgresEngine engine, MemorySource batch)
    {
        for (var faults = 0; ; faults++)
        {
            try
            {
                await PostgresDatabase.WriteAsync(engine, batch);
                return faults;
            }
            catch (EngineException fault) when (fault.IsTransient && faults < 2000)
            {
                await Task.Delay(10, TestContext.Current.CancellationToken);
            }
        }
    }

    private async Task AssertHeldAsync()
    {
        PostgresDatabase.AssertMatches(_engine, _model, SeriesCount);
        var database = new PostgresDatabase(_server.ConnectionString());
        Assert.Equal((long)_model.Samples.Count, await database.ScalarAsync<long>("SELECT count(*) FROM datalayer.samples"));
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        await _server.DisposeAsync();
    }
}
