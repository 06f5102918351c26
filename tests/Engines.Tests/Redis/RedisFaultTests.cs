using System.Globalization;
using DataLayer.Engines.Redis;
using DataLayer.Servers;

namespace DataLayer.Engines.Tests.Redis;

/// <summary>What a server does to us: dying, hanging, losing data, refusing. Each test has servers of its own.</summary>
public sealed class RedisFaultTests
{
    private const long T0 = 1_772_359_200_000_000L;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WriteAsync_server_killed_while_writing_holds_exactly_what_was_acked()
    {
        await using var server = new RedisServer(RedisServer.Durable);
        await server.StartAsync();
        var model = new EngineModel();
        await using var engine = RedisEngines.Create(server.Address, "f:", new MemoryCatalog(8));
        await engine.OpenAsync(Token);
        for (var kill = 0; kill < 3; kill++)
        {
            var killing = Task.Run(async () =>
            {
                await Task.Delay(50 + (kill * 37), Token);
                await server.KillAsync();
                await server.StartAsync();
            }, Token);
            do await WriteUntilDoneAsync(engine, Batch(model));
            while (!killing.IsCompleted);
            await killing;
        }

        await using var reader = RedisEngines.Create(server.Address, "f:", new MemoryCatalog(8));
        await reader.OpenAsync(Token);
        using var snapshot = reader.Snapshot();
        model.AssertMatches(snapshot, 8, withRollups: false);
        Assert.Equal(EngineHealth.Healthy, engine.Health);
    }

    [Fact]
    public async Task WriteAsync_server_came_back_empty_says_so_and_goes_back()
    {
        await using var server = new RedisServer();
        await server.StartAsync();
        var model = new EngineModel();
        await using var engine = RedisEngines.Create(server.Address, "f:", new MemoryCatalog(8));
        await engine.OpenAsync(Token);
        var first = Batch(model);
        await engine.WriteAsync(first, Token);
        var again = Batch(model);
        await server.CliAsync("FLUSHALL");
        var lost = await Assert.ThrowsAsync<EngineException>(() => engine.WriteAsync(again, Token).AsTask());
        Assert.True(lost.IsTransient);
        Assert.Contains("rebuild", lost.Message, StringComparison.Ordinal);
        Assert.Equal((EngineState.Degraded, 0), (engine.Health.State, engine.Position));

        // As the feeder does: it opens the engine again and reads the log from where it stands.
        await engine.OpenAsync(Token);
        Assert.Equal(0, engine.Position);
        await engine.WriteAsync(first, Token);
        await engine.WriteAsync(again, Token);
        Assert.Contains("zone", await server.CliAsync("HVALS", "f:series:{m1}"), StringComparison.Ordinal);
        using var snapshot = engine.Snapshot();
        model.AssertMatches(snapshot, 8, withRollups: false);
        Assert.Equal(EngineHealth.Healthy, engine.Health);
    }

    [Fact]
    public async Task WriteAsync_server_hangs_times_out_and_goes_on_after()
    {
        await using var server = new RedisServer();
        await server.StartAsync();
        var model = new EngineModel();
        await using var engine = RedisEngines.Create(server.Address, "f:", new MemoryCatalog(8), timeout: TimeSpan.FromSeconds(1));
        await engine.OpenAsync(Token);
        await engine.WriteAsync(Batch(model), Token);
        var batch = Batch(model);
        server.Suspend();
        var fault = await Assert.ThrowsAsync<EngineException>(() => engine.WriteAsync(batch, Token).AsTask());
        Assert.True(fault.IsTransient);
        Assert.Equal(EngineState.Degraded, engine.Health.State);
        server.Resume();
        await WriteUntilDoneAsync(engine, batch);
        using var snapshot = engine.Snapshot();
        model.AssertMatches(snapshot, 8, withRollups: false);
        Assert.Equal(EngineHealth.Healthy, engine.Health);
    }

    [Fact]
    public async Task WriteAsync_connections_cut_again_and_again_stores_each_sample_once()
    {
        await using var server = new RedisServer();
        await server.StartAsync();
        var model = new EngineModel();
        await using var engine = RedisEngines.Create(server.Address, "f:", new MemoryCatalog(8));
        await engine.OpenAsync(Token);
        using var stop = new CancellationTokenSource();
        var cuts = 0;
        var cutting = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested) cuts += int.Parse(await server.CliAsync("CLIENT", "KILL", "TYPE", "normal"), CultureInfo.InvariantCulture);
        }, Token);
        for (var round = 0; round < 40 || cuts < 20; round++) await WriteUntilDoneAsync(engine, Batch(model));
        await stop.CancelAsync();
        await cutting;
        await WriteUntilDoneAsync(engine, Batch(model));
        await using var reader = RedisEngines.Create(server.Address, "f:", new MemoryCatalog(8));
        await reader.OpenAsync(Token);
        using var snapshot = reader.Snapshot();
        model.AssertMatches(snapshot, 8, withRollups: false);
    }

    [Fact]
    public async Task WriteAsync_memory_used_up_is_said_and_ends_with_more()
    {
        await using var server = new RedisServer();
        await server.StartAsync();
        var model = new EngineModel();
        await using var engine = RedisEngines.Create(server.Address, "f:", new MemoryCatalog(8));
        await engine.OpenAsync(Token);
        await server.CliAsync("CONFIG", "SET", "maxmemory", "1mb");
        var batch = Batch(model);
        var fault = await Assert.ThrowsAsync<EngineException>(() => engine.WriteAsync(batch, Token).AsTask());
        Assert.True(fault.IsTransient);
        Assert.Contains("maxmemory", fault.Message, StringComparison.Ordinal);
        await server.CliAsync("CONFIG", "SET", "maxmemory", "0");
        await WriteUntilDoneAsync(engine, batch);
        using var snapshot = engine.Snapshot();
        model.AssertMatches(snapshot, 8, withRollups: false);
    }

    [Fact]
    public async Task WriteAsync_replica_is_said_and_ends_when_it_is_promoted()
    {
        await using var server = new RedisServer();
        await server.StartAsync();
        var model = new EngineModel();
        await using var engine = RedisEngines.Create(server.Address, "f:", new MemoryCatalog(8));
        await engine.OpenAsync(Token);
        await server.CliAsync("REPLICAOF", "127.0.0.1", "1");
        var batch = Batch(model);
        var fault = await Assert.ThrowsAsync<EngineException>(() => engine.WriteAsync(batch, Token).AsTask());
        Assert.True(fault.IsTransient);
        Assert.Contains("replica", fault.Message, StringComparison.Ordinal);
        await server.CliAsync("REPLICAOF", "NO", "ONE");
        await WriteUntilDoneAsync(engine, batch);
        using var snapshot = engine.Snapshot();
        model.AssertMatches(snapshot, 8, withRollups: false);
    }

    [Fact]
    public async Task OpenAsync_refused_or_absent_is_said_without_secrets()
    {
        await using var server = new RedisServer("--requirepass", "right-password");
        await server.StartAsync();
        await using var wrong = RedisEngines.Create(server.Address + ",password=wrong-password", "f:", new MemoryCatalog(1));
        var refused = await Assert.ThrowsAsync<EngineException>(() => wrong.OpenAsync(Token).AsTask());
        Assert.Contains("password", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-password", refused.ToString(), StringComparison.Ordinal);
        await using var none = RedisEngines.Create(server.Address, "f:", new MemoryCatalog(1));
        Assert.Contains("password", (await Assert.ThrowsAsync<EngineException>(() => none.OpenAsync(Token).AsTask())).Message, StringComparison.Ordinal);
        await using var right = RedisEngines.Create(server.Address + ",password=right-password", "f:", new MemoryCatalog(1));
        await right.OpenAsync(Token);
        await server.StopAsync();
        await using var absent = RedisEngines.Create(server.Address + ",password=right-password", "f:", new MemoryCatalog(1));
        var away = await Assert.ThrowsAsync<EngineException>(() => absent.OpenAsync(Token).AsTask());
        Assert.True(away.IsTransient);
        Assert.DoesNotContain("right-password", away.ToString(), StringComparison.Ordinal);
    }

    /// <summary>A few samples of each series, some late, in the model already.</summary>
    internal static MemorySource Batch(EngineModel model, int series = 8)
    {
        var (round, at) = (model.Position, 0);
        return model.Next([.. Enumerable.Range(0, series * 3).Select(sample => new Sample(sample % series, T0 + (round * 1000) - (sample / series == 0 ? 30_000 : 0) + at++, round + sample))]);
    }

    /// <summary>As the feeder does.</summary>
    internal static async Task WriteUntilDoneAsync(RedisEngine engine, MemorySource batch)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        for (var isOpen = true; ;)
        {
            try
            {
                if (!isOpen) await engine.OpenAsync(patience.Token);
                isOpen = true;
                Assert.True(engine.Position >= batch.AfterLsn, $"The server went back to {engine.Position}, before {batch.AfterLsn}: {engine.Health.Detail}");
                if (engine.Position < batch.EndLsn) await engine.WriteAsync(batch, patience.Token);
                return;
            }
            catch (EngineException fault) when (fault.IsTransient)
            {
                isOpen = false;
                await Task.Delay(20, patience.Token);
            }
        }
    }
}
