using System.Diagnostics;
using System.Globalization;
using DataLayer.Engines.ClickHouse;
using DataLayer.Servers;

namespace DataLayer.Engines.Tests.ClickHouse;

/// <summary>What goes wrong between the engine and a real server: no sample is lost or twice, and a person is told what to do.</summary>
public sealed class ClickHouseFaultTests(ClickHouseFixture fixture)
{
    private const long T0 = 1_772_359_200_000_000L;

    private static readonly MemoryCatalog Catalog = new(8);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WriteAsync_server_killed_in_the_middle_holds_exactly_what_was_written()
    {
        await using var server = new ClickHouseServer();
        await server.StartAsync();
        await using var engine = ClickHouseFixture.Engine(ClickHouseFixture.Options(server, "datalayer"), Catalog);
        await engine.OpenAsync(Cancellation);
        var model = new EngineModel();
        for (var round = 0; round < 3; round++)
        {
            var writing = Task.Run(async () =>
            {
                for (var batch = 0; ; batch++)
                {
                    var next = model.Peek(Some(model.Position, 2_000));
                    await engine.WriteAsync(next, Cancellation);
                    model.Apply(next.EndLsn, Some(model.Position, 2_000));
                }
            }, Cancellation);
            var before = model.Position;
            while (model.Position < before + 20_000 && !writing.IsCompleted) await Task.Delay(1, Cancellation);
            await server.KillAsync();
            var fault = await Assert.ThrowsAsync<EngineException>(() => writing);
            Assert.True(fault.IsTransient, fault.Message);
            await server.StartAsync();
            await engine.OpenAsync(Cancellation);
            Assert.True(engine.Position >= model.Position, $"stands at {engine.Position}, was told {model.Position}");

            // The batch that was under way may be stored whole, in part or not at all: it is sent again, as the feeder does.
            var retried = model.Peek(Some(model.Position, 2_000));
            await engine.WriteAsync(retried, Cancellation);
            model.Apply(retried.EndLsn, Some(model.Position, 2_000));
            using var snapshot = engine.Snapshot();
            model.AssertMatches(snapshot, 8);
        }
    }

    [Fact]
    public async Task WriteAsync_server_that_stands_still_times_out_and_goes_on_afterwards()
    {
        await using var server = new ClickHouseServer();
        await server.StartAsync();
        await using var engine = ClickHouseFixture.Engine(WithTimeout(ClickHouseFixture.Options(server, "datalayer"), TimeSpan.FromSeconds(1)), Catalog);
        await engine.OpenAsync(Cancellation);
        var model = new EngineModel();
        await engine.WriteAsync(model.Next(Some(0, 100)), Cancellation);
        var next = model.Next(Some(model.Position, 100));
        server.Suspend();
        var began = Stopwatch.GetTimestamp();
        var fault = await Assert.ThrowsAsync<EngineException>(async () => await engine.WriteAsync(next, Cancellation));
        Assert.True(fault.IsTransient);
        Assert.Contains("no answer within 1 s", fault.Message, StringComparison.Ordinal);
        Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(30));
        Assert.Equal(EngineState.Degraded, engine.Health.State);
        using (var waiting = engine.Snapshot()) Assert.True(Assert.Throws<EngineException>(() => waiting.TryLatest(0, out _, out _)).IsTransient);
        server.Resume();
        await RetryAsync(engine, next);
        using var snapshot = engine.Snapshot();
        model.AssertMatches(snapshot, 8);
        Assert.Equal(EngineState.Healthy, engine.Health.State);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WriteAsync_connection_cut_in_the_middle_of_a_batch_is_tried_again_whole(bool compression)
    {
        var server = await fixture.ServerAsync();
        await using var proxy = new CuttingProxy(server.Port);
        proxy.Start();
        await using var engine = ClickHouseFixture.Engine(WithCompression(ClickHouseFixture.Options($"Host=127.0.0.1;Port={proxy.Port}", fixture.NextDatabase()), compression), Catalog);
        await engine.OpenAsync(Cancellation);
        var model = new EngineModel();
        await engine.WriteAsync(model.Next(Some(0, 10)), Cancellation);
        var large = model.Next(Some(model.Position, 50_000));
        proxy.CutAfter(100_000);
        var fault = await Assert.ThrowsAsync<EngineException>(async () => await engine.WriteAsync(large, Cancellation));
        Assert.True(fault.IsTransient, fault.Message);
        Assert.Equal(1, proxy.Cuts);
        Assert.Equal(large.AfterLsn, engine.Position);
        await engine.WriteAsync(large, Cancellation);
        using var snapshot = engine.Snapshot();
        model.AssertMatches(snapshot, 8);
    }

    [Fact]
    public async Task WriteAsync_answer_lost_the_retry_makes_no_second_part()
    {
        var server = await fixture.ServerAsync();
        var database = fixture.NextDatabase();
        await using var proxy = new CuttingProxy(server.Port);
        proxy.Start();
        await using var engine = ClickHouseFixture.Engine(ClickHouseFixture.Options($"Host=127.0.0.1;Port={proxy.Port}", database), Catalog);
        await engine.OpenAsync(Cancellation);
        var model = new EngineModel();
        await engine.WriteAsync(model.Next(Some(0, 8)), Cancellation);
        var batch = model.Next(Some(model.Position, 8));
        proxy.DropNextAnswer();
        await Assert.ThrowsAsync<EngineException>(async () => await engine.WriteAsync(batch, Cancellation));
        await RetryAsync(engine, batch);
        Assert.Equal("16", await server.AskAsync($"SELECT count() FROM {database}.samples_raw"));

        // Moved back, the same batch must be stored again: somebody may have removed it.
        await server.AskAsync($"ALTER TABLE {database}.samples_raw DELETE WHERE 1 SETTINGS mutations_sync = 2");
        await engine.MoveToAsync(batch.AfterLsn, Cancellation);
        await engine.WriteAsync(batch, Cancellation);
        Assert.Equal("8", await server.AskAsync($"SELECT count() FROM {database}.samples_raw"));
    }

    [Fact]
    public async Task WriteAsync_refused_by_a_constraint_says_that_the_samples_are_to_blame()
    {
        var server = await fixture.ServerAsync();
        var database = fixture.NextDatabase();
        await using var engine = ClickHouseFixture.Engine(ClickHouseFixture.Options(server, database), Catalog);
        await engine.OpenAsync(Cancellation);
        await server.AskAsync($"ALTER TABLE {database}.samples_raw ADD CONSTRAINT small CHECK value < 1000");
        var model = new EngineModel();
        await engine.WriteAsync(model.Next(new Sample(0, T0, 5)), Cancellation);
        var fault = await Assert.ThrowsAsync<RefusedSamplesException>(async () => await engine.WriteAsync(model.Peek([new Sample(0, T0 + 1, 2000)]), Cancellation));
        Assert.Contains("small", fault.Message, StringComparison.Ordinal);
        Assert.Equal(model.Position, engine.Position);
    }

    [Theory]
    [InlineData("feeder", "wrong-pass", "Check user and password")]
    [InlineData("reader", "", "needs the grants")]
    public async Task OpenAsync_refused_user_is_told_and_no_secret_shown(string user, string password, string expected)
    {
        var server = await fixture.ServerAsync();
        var options = ClickHouseFixture.Options($"{server.ConnectionString};Username={user};Password={password}", fixture.NextDatabase());
        await using var engine = ClickHouseFixture.Engine(options, Catalog);
        var fault = await Assert.ThrowsAsync<EngineException>(async () => await engine.OpenAsync(Cancellation));
        Assert.True(fault.IsTransient);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{server.Port}"), fault.Message, StringComparison.Ordinal);
        if (password.Length > 0) Assert.DoesNotContain(password, fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_password_with_odd_letters_from_the_options_is_taken()
    {
        var server = await fixture.ServerAsync();
        var given = ClickHouseFixture.Options(server, fixture.NextDatabase());
        await using var engine = ClickHouseFixture.Engine(
            new EngineOptions { Name = "ch", Kind = "clickhouse", ConnectionString = given.ConnectionString, Settings = given.Settings, Username = "feeder", Password = ClickHouseServer.FeederPassword }, Catalog);
        await engine.OpenAsync(Cancellation);
        Assert.Equal(0, engine.Position);
    }

    [Fact]
    public async Task WriteAsync_lack_of_memory_is_tried_again()
    {
        var server = await fixture.ServerAsync();
        var database = fixture.NextDatabase();
        await using (var able = ClickHouseFixture.Engine(ClickHouseFixture.Options(server, database), Catalog)) await able.OpenAsync(Cancellation);
        await using var engine = ClickHouseFixture.Engine(ClickHouseFixture.Options($"{server.ConnectionString};Username=small", database), Catalog);
        await engine.OpenAsync(Cancellation);
        var fault = await Assert.ThrowsAsync<EngineException>(async () => await engine.WriteAsync(new EngineModel().Next(Some(0, 300_000)), Cancellation));
        Assert.True(fault.IsTransient);
        Assert.Contains("lacks memory", fault.Message, StringComparison.Ordinal);
        Assert.Equal(0, engine.Position);
    }

    [Fact]
    public async Task OpenAsync_server_of_2018_is_too_old_and_left_as_it_is()
    {
        await using var server = new OldClickHouseServer();
        await server.StartAsync();
        var before = await server.AskAsync("SHOW DATABASES");
        await using var engine = ClickHouseFixture.Engine(ClickHouseFixture.Options(server.ConnectionString, "datalayer"), Catalog);
        foreach (var attempt in new Func<Task>[] { () => engine.OpenAsync(Cancellation).AsTask(), () => engine.DescribeAsync(Cancellation) })
        {
            var fault = await Assert.ThrowsAsync<EngineException>(attempt);
            Assert.False(fault.IsTransient);
            Assert.Contains("18.16", fault.Message, StringComparison.Ordinal);
            Assert.Contains("too old, DataLayer needs 25.8", fault.Message, StringComparison.Ordinal);
        }

        Assert.Equal(before, await server.AskAsync("SHOW DATABASES"));
    }

    private static Sample[] Some(long position, int count) => [.. Enumerable.Range(0, count).Select(at => new Sample(at & 7, T0 + ((position + at) * 1_000L), position + at))];

    // A write that broke may still be under way in the server.
    private static async Task RetryAsync(ClickHouseEngine engine, MemorySource batch)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await engine.WriteAsync(batch, Cancellation);
                return;
            }
            catch (EngineException fault) when (fault.IsTransient && attempt < 20)
            {
                await Task.Yield();
            }
        }
    }

    private static EngineOptions WithTimeout(EngineOptions given, TimeSpan timeout) => new() { Name = given.Name, Kind = given.Kind, ConnectionString = given.ConnectionString, Settings = given.Settings, Timeout = timeout };

    private static EngineOptions WithCompression(EngineOptions given, bool compression) => new() { Name = given.Name, Kind = given.Kind, ConnectionString = given.ConnectionString, Settings = given.Settings, Compression = compression };
}
