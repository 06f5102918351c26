using DataLayer.Engines.Lake;
using DataLayer.Engines.Tests.Events;
using Microsoft.Extensions.Time.Testing;
using static DataLayer.Engines.Tests.Events.EventBatch;

namespace DataLayer.Engines.Tests.Lake;

public sealed class LakeEventsTests : IAsyncDisposable
{
    private const long T0 = 1_772_359_200_000_000L;
    private const long Day = 86_400_000_000L;
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddTicks(T0 * 10));
    private LakeEngine _engine = null!;
    private long _lsn;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Lake => Path.Combine(_folder.Path, "lake");

    [Fact]
    public async Task QueryEventsAsync_afterRestart_givesTheEventsNewestFirst()
    {
        await OpenAsync();
        await WriteAsync(Event("a", T0, 1), Event("b", T0 + 5, 2, type: "alert", source: ""), Event("c", T0 + Day, 3, latitude: 52.5, longitude: 13.4));
        await OpenAsync();
        var found = await FindAsync(new EventQuery { StartMicros = 0, EndMicros = long.MaxValue });
        Assert.Equal(["c", "b", "a"], found.Select(one => one.Event.Id));
        var (last, expected) = (found[0].Event, Event("c", T0 + Day, 3, latitude: 52.5, longitude: 13.4));
        Assert.Equal(("deploy", "ci", T0 + Day, 52.5, 13.4), (last.Type, last.Source, last.TimeMicros, last.Latitude, last.Longitude));
        Assert.Equal(expected.Document.ToArray(), last.Document.ToArray());
        Assert.Null(found[1].Event.Latitude);
        Assert.Equal(_lsn, _engine.Position);
    }

    [Fact]
    public async Task QueryEventsAsync_conditions_mustAllHold()
    {
        await OpenAsync();
        await WriteAsync([.. Enumerable.Range(0, 100).Select(at => Event($"{at:D3}", T0 + at, at, at % 2 == 0 ? "even" : "odd", at % 3 == 0 ? "three" : ""))]);
        var query = new EventQuery { StartMicros = T0 + 10, EndMicros = T0 + 40, Type = "even", Source = "three", Limit = 3 };
        Assert.Equal(["036", "030", "024"], (await FindAsync(query)).Select(one => one.Event.Id));
        Assert.Empty(await FindAsync(query with { Type = "none" }));
        Assert.Empty(await FindAsync(query with { StartMicros = T0 + 37 }));
    }

    [Fact]
    public async Task QueryEventsAsync_places_areTheNearestFirstAndWithinThePolygon()
    {
        await OpenAsync();
        await WriteAsync(Event("berlin", T0, latitude: 52.52, longitude: 13.405), Event("potsdam", T0 + 1, latitude: 52.39, longitude: 13.06), Event("nowhere", T0 + 2));
        await WriteAsync(Event("sydney", T0 + 3, latitude: -33.87, longitude: 151.21));
        var all = new EventQuery { StartMicros = 0, EndMicros = long.MaxValue };
        var near = await FindAsync(all with { Near = (52.5, 13.4, 50_000) });
        Assert.Equal(["berlin", "potsdam"], near.Select(one => one.Event.Id));
        Assert.InRange(near[0].DistanceMetres!.Value, 2_000, 2_500);
        Assert.Equal(["berlin"], (await FindAsync(all with { Near = (52.5, 13.4, 50_000), Limit = 1 })).Select(one => one.Event.Id));
        Assert.Equal(["sydney"], (await FindAsync(all with { Within = [(-40, 140), (-40, 160), (-20, 160), (-20, 140)] })).Select(one => one.Event.Id));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task QueryEventsAsync_idThatCameAgain_isThereOnceAsTheLaterArrivalSays(bool isMerged)
    {
        await OpenAsync();
        await WriteAsync(Event("x", T0, 1), Event("x", T0 + 1, 2), Event("stays", T0, 3));
        await WriteAsync(Event("x", T0 - Day, 4, type: "other"));
        await WriteAsync(Event("y", T0, 5));
        await WriteAsync(Event("z", T0 - Day, 6));
        if (isMerged) Merge();
        var all = new EventQuery { StartMicros = 0, EndMicros = long.MaxValue };
        Assert.Equal(["stays", "y", "x", "z"], (await FindAsync(all)).Select(one => one.Event.Id));
        Assert.Equal(["stays", "y"], (await FindAsync(all with { StartMicros = T0 - 5 })).Select(one => one.Event.Id));
        Assert.Equal(["stays", "y", "z"], (await FindAsync(all with { Type = "deploy" })).Select(one => one.Event.Id));
        using var snapshot = _engine.Snapshot();
        Assert.Equal([["stays", 3L], ["x", 4L], ["y", 5L], ["z", 6L]], DuckDb.Query(LakeViews.EventsSql(snapshot), "SELECT id, (document->>'$.n')::BIGINT FROM lake_events ORDER BY id"));
        Assert.Empty(LakeVerifier.Verify(Lake, Token).Problems);
    }

    [Fact]
    public async Task RunOnce_closedDays_becomeOneFileEach()
    {
        await OpenAsync();
        for (var batch = 0; batch < 5; batch++) await WriteAsync(Event($"a{batch}", T0 + batch, batch), Event($"b{batch}", T0 + Day + batch, batch), Event("twice", T0, batch));
        Merge();
        using (var snapshot = _engine.Snapshot()) Assert.Equal(2, snapshot.Files.Count(file => file.Kind == LakeFileKind.Events));
        var found = await FindAsync(new EventQuery { StartMicros = 0, EndMicros = long.MaxValue });
        Assert.Equal(11, found.Count);
        Assert.Equal(Event("twice", T0, 4).Document.ToArray(), found.Single(one => one.Event.Id == "twice").Event.Document.ToArray());
        Assert.Empty(LakeVerifier.Verify(Lake, Token).Problems);
    }

    [Fact]
    public async Task RunOnce_eventsPastTheirAge_go()
    {
        await OpenAsync(TimeSpan.FromDays(2));
        await WriteAsync(Event("old", T0), Event("new", T0 + (3 * Day)));
        _time.Advance(TimeSpan.FromDays(4));
        new LakeMaintenance(_engine, trustsClock: true).RunOnce(Token);
        Assert.Equal(["new"], (await FindAsync(new EventQuery { StartMicros = 0, EndMicros = long.MaxValue })).Select(one => one.Event.Id));
    }

    [Fact]
    public async Task QueryEventsAsync_damagedFile_isMovedAsideAndTheRestServed()
    {
        await OpenAsync();
        await WriteAsync(Event("lost", T0));
        await WriteAsync(Event("kept", T0 + Day));
        string damaged;
        using (var snapshot = _engine.Snapshot()) damaged = snapshot.Files.First(file => file.Kind == LakeFileKind.Events).Path;
        var bytes = await File.ReadAllBytesAsync(damaged, Token);
        for (var at = 4; at < 200; at++) bytes[at] ^= 0xff;
        await File.WriteAllBytesAsync(damaged, bytes, Token);
        Assert.NotEmpty(LakeVerifier.Verify(Lake, Token).Problems);
        var all = new EventQuery { StartMicros = 0, EndMicros = long.MaxValue };
        await Assert.ThrowsAnyAsync<EngineException>(() => FindAsync(all));
        Assert.Equal(["kept"], (await FindAsync(all)).Select(one => one.Event.Id));
        Assert.Single(_engine.Quarantined);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task WriteAsync_failsAtAnyOperation_eachEventIsThereOnceAfterwards(int powerLoss)
    {
        for (var operation = 0; ; operation++)
        {
            var directory = Path.Combine(_folder.Path, $"crash-{powerLoss}-{operation}");
            var faulty = new FaultyStorage(isCrash: true);
            var engine = await OpenAtAsync(directory, faulty.Storage);
            await engine.WriteAsync(new EventBatch(0, 5, Event("a", T0), Event("b", T0 + Day)), Token);
            faulty.FailAt(operation);
            var batch = new EventBatch(5, 9, Event("a", T0 + 1, 2), Event("c", T0 + Day));
            await Record.ExceptionAsync(() => engine.WriteAsync(batch, Token).AsTask());
            if (powerLoss > 0) faulty.LosePower(new Random((powerLoss * 1000) + operation));
            engine = await OpenAtAsync(directory, new LakeStorage());
            var all = new EventQuery { StartMicros = 0, EndMicros = long.MaxValue };
            string[] expected = engine.Position == 9 ? ["b", "c", "a"] : ["b", "a"];
            Assert.Equal(expected, (await engine.QueryEventsAsync(all, Token)).Select(one => one.Event.Id));
            await engine.WriteAsync(batch, Token);
            Assert.Equal(["b", "c", "a"], (await engine.QueryEventsAsync(all, Token)).Select(one => one.Event.Id));
            Assert.Empty(LakeVerifier.Verify(directory, Token).Problems);
            if (!faulty.HasFired) return;
        }
    }

    [Fact]
    public async Task WriteAsync_withoutEvents_leavesAManifestThatAnOlderReleaseReads()
    {
        await OpenAsync();
        Assert.StartsWith("{\"format\":2,", await File.ReadAllTextAsync(Path.Combine(Lake, "manifest.json"), Token), StringComparison.Ordinal);
        await WriteAsync(Event("a", T0));
        Assert.StartsWith("{\"format\":3,", await File.ReadAllTextAsync(Path.Combine(Lake, "manifest.json"), Token), StringComparison.Ordinal);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Merge()
    {
        _time.Advance(TimeSpan.FromDays(3));
        new LakeMaintenance(_engine).RunOnce(Token);
    }

    private Task<IReadOnlyList<FoundEvent>> FindAsync(EventQuery query) => _engine.QueryEventsAsync(query, Token);

    private async Task WriteAsync(params EngineEvent[] events)
    {
        await _engine.WriteAsync(new EventBatch(_lsn, _lsn + 3, events), Token);
        _lsn += 3;
    }

    private async Task OpenAsync(TimeSpan? retention = null)
    {
        _engine = new LakeEngine(new LakeOptions { Directory = Lake, RawRetention = null, EventRetention = retention }, new MemoryCatalog(0), _time);
        await _engine.OpenAsync(Token);
    }

    private async Task<LakeEngine> OpenAtAsync(string directory, LakeStorage storage)
    {
        var engine = new LakeEngine(new LakeOptions { Directory = directory, RawRetention = null }, new MemoryCatalog(0), _time, storage);
        await engine.OpenAsync(Token);
        return engine;
    }
}
