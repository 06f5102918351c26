using DataLayer.Engines.Mongo;
using DataLayer.Servers;
using MongoDB.Bson;
using MongoDB.Driver;

namespace DataLayer.Engines.Tests.Mongo;

/// <summary>The server killed, standing still, away, and connections cut: what was acknowledged is there, once, and the rest is written again.</summary>
public sealed class MongoFaultTests : IAsyncLifetime
{
    private const long T0 = 1_772_359_200_000_000;
    private const int SeriesCount = 200;

    private readonly MongoServer _server = new();
    private readonly string _database = MongoFixture.NewDatabase();
    private readonly EngineModel _model = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _server.StartAsync();

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task WriteAsync_server_killed_in_the_middle_of_a_batch_keeps_each_sample_once()
    {
        var engine = await OpenAsync(_server.ConnectionString);
        await engine.WriteAsync(_model.Next(Batch(0, 20)), Cancellation);
        var batch = _model.Peek(Batch(20, 300));
        var write = engine.WriteAsync(batch, Cancellation).AsTask();
        using (var client = new MongoClient(_server.ConnectionString))
        {
            var raw = client.GetDatabase(_database).GetCollection<BsonDocument>("raw");
            while (!write.IsCompleted && await raw.Find(new BsonDocument("lsn", batch.EndLsn)).Limit(1).FirstOrDefaultAsync(Cancellation) is null) await Task.Yield();
        }

        await _server.KillAsync();
        var fault = await Assert.ThrowsAsync<EngineException>(() => write);
        Assert.True(fault.IsTransient, fault.Message);
        await engine.DisposeAsync();
        await _server.StartAsync();

        await using var again = await OpenAsync(_server.ConnectionString);
        Assert.Equal(_model.Position, again.Position);
        using (var snapshot = again.Snapshot())
        {
            // What was acknowledged is there, and what there is of the batch is of the batch.
            var all = _model.Samples.Concat(Batch(20, 300)).Select(sample => (sample.Series, sample.Time, sample.Bits)).ToHashSet();
            var read = EngineModel.ReadAll(snapshot, [.. Enumerable.Range(0, SeriesCount)]);
            Assert.Equal(_model.Samples.Count, read.Count(sample => sample.Time < T0 + (20 * 1_000_000)));
            Assert.All(read, sample => Assert.Contains((sample.Series, sample.Time, sample.Bits), all));
        }

        await again.WriteAsync(batch, Cancellation);
        _model.Apply(batch.EndLsn, Batch(20, 300));
        using var after = again.Snapshot();
        _model.AssertMatches(after, SeriesCount);
    }

    [Fact]
    public async Task WriteAsync_server_stands_still_ends_in_time_and_is_written_again()
    {
        await using var engine = await OpenAsync(_server.ConnectionString, TimeSpan.FromSeconds(2));
        await engine.WriteAsync(_model.Next(Batch(0, 2)), Cancellation);
        var batch = _model.Next(Batch(2, 4));
        _server.Suspend();
        var fault = await Assert.ThrowsAsync<EngineException>(() => engine.WriteAsync(batch, Cancellation).AsTask());
        Assert.True(fault.IsTransient, fault.Message);
        Assert.Equal(EngineState.Degraded, engine.Health.State);
        _server.Resume();
        await WriteUntilDoneAsync(engine, batch);
        Assert.Equal(EngineState.Healthy, engine.Health.State);
        using var snapshot = engine.Snapshot();
        _model.AssertMatches(snapshot, SeriesCount);
    }

    [Fact]
    public async Task WriteAsync_connections_cut_in_the_middle_of_a_batch_keeps_each_sample_once()
    {
        await using var forwarder = new CuttingProxy(_server.Port);
        forwarder.Start();
        await using var engine = await OpenAsync($"mongodb://127.0.0.1:{forwarder.Port}/?directConnection=true", TimeSpan.FromSeconds(10));
        for (var turn = 0; turn < 4; turn++)
        {
            var batch = _model.Next(Batch(turn * 100, (turn + 1) * 100));

            // 20,000 documents of about 130 bytes.
            forwarder.CutAfter(600_000 * (turn + 1));
            await WriteUntilDoneAsync(engine, batch);
        }

        Assert.True(forwarder.Cuts >= 3, $"{forwarder.Cuts} cuts");
        using var snapshot = engine.Snapshot();
        _model.AssertMatches(snapshot, SeriesCount);

        // The test is worth something: some samples are stored twice.
        using var client = new MongoClient(_server.ConnectionString);
        Assert.True(await client.GetDatabase(_database).GetCollection<BsonDocument>("raw").CountDocumentsAsync(new BsonDocument(), cancellationToken: Cancellation) > _model.Samples.Count);
    }

    [Fact]
    public async Task OpenAsync_nobody_there_is_transient_and_tells_no_secret()
    {
        await _server.StopAsync();
        await using var engine = new MongoEngine(MongoFixture.Options($"mongodb://root:s3cret@127.0.0.1:{_server.Port}/?directConnection=true", _database, TimeSpan.FromSeconds(1)), MongoFixture.Context(new MemoryCatalog(1)));
        var fault = await Assert.ThrowsAsync<EngineException>(() => engine.OpenAsync(Cancellation).AsTask());
        Assert.True(fault.IsTransient);
        Assert.Contains($"127.0.0.1:{_server.Port}", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", fault.ToString(), StringComparison.Ordinal);
    }

    private async Task<MongoEngine> OpenAsync(string connectionString, TimeSpan? timeout = null)
    {
        var engine = new MongoEngine(MongoFixture.Options(connectionString, _database, timeout), MongoFixture.Context(new MemoryCatalog(SeriesCount)));
        await engine.OpenAsync(Cancellation);
        return engine;
    }

    /// <summary>As the feeder does: the same batch until it is stored.</summary>
    private static async Task WriteUntilDoneAsync(MongoEngine engine, MemorySource batch)
    {
        for (; ; )
        {
            try
            {
                await engine.WriteAsync(batch, Cancellation);
                return;
            }
            catch (EngineException fault) when (fault.IsTransient)
            {
                Cancellation.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>A sample a second of each series.</summary>
    private static Sample[] Batch(int from, int to) =>
        [.. Enumerable.Range(0, SeriesCount).SelectMany(series => Enumerable.Range(from, to - from).Select(second => new Sample(series, T0 + (second * 1_000_000L), (series * 8) + second)))];
}
