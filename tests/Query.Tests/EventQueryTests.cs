using System.Text.Json;
using DataLayer.Engines;
using Xunit;

namespace DataLayer.Query.Tests;

/// <summary>Events in memory and in the lake are one: each id once, as its latest arrival says.</summary>
public sealed class EventQueryTests
{
    private const long T0 = 1_763_899_200_000_000;
    private const long Day = 86_400_000_000;

    private static EventQuery All => new() { StartMicros = 0, EndMicros = long.MaxValue };

    [Fact]
    public async Task EventsAsync_hotAndStored_areOne()
    {
        await using var store = StoreFixture.Open();
        await store.StoreEventsAsync(("a", "deploy", T0, 1), ("b", "deploy", T0 + 250_000, 2));
        Assert.Equal(
            """{"events":[{"id":"b","type":"deploy","source":"test","time":1763899200.25,"document":{"n":2}},{"id":"a","type":"deploy","source":"test","time":1763899200,"document":{"n":1}}],"truncated":false}""",
            await store.EventsAsync(All));
        await store.FlushAsync();
        await store.StoreEventsAsync(("c", "alert", T0 + 1, 3), ("a", "deploy", T0 + Day, 4), ("c", "alert", T0 + 2, 5));
        Assert.Equal(["a 4", "b 2", "c 5"], await ListAsync(store, All));
        Assert.Equal(["b 2", "c 5"], await ListAsync(store, All with { EndMicros = T0 + Day }));
        Assert.Equal(["c 5"], await ListAsync(store, All with { Type = "alert" }));
        Assert.Equal(["a 4"], await ListAsync(store, All with { Limit = 1 }));
        Assert.Contains("\"truncated\":true", await store.EventsAsync(All with { Limit = 2 }), StringComparison.Ordinal);
        await store.SealAndWriteAsync();
        Assert.Equal(["a 4", "b 2", "c 5"], await ListAsync(store, All));
        store.DropSealed();
        Assert.Equal(["a 4", "b 2", "c 5"], await ListAsync(store, All));
    }

    [Fact]
    public async Task EventsAsync_oneEngine_showsWhatItHolds()
    {
        await using var store = StoreFixture.Open();
        await store.StoreEventsAsync(("a", "deploy", T0, 1));
        await store.FlushAsync();
        await store.StoreEventsAsync(("b", "deploy", T0, 2));
        Assert.Equal(["a 1"], await ListAsync(store, All, "lake"));
        await Assert.ThrowsAsync<QueryException>(() => store.EventsAsync(All, "nobody"));
    }

    [Fact]
    public async Task Sql_events_areHotAndStoredEachOnce()
    {
        await using var store = StoreFixture.Open();
        const string Statement = "SELECT id, type, source, epoch_us(time) AS t, (document->>'$.n')::INT AS n, latitude FROM events ORDER BY id";
        Assert.Contains("\"rows\":[]", await store.SqlAsync(Statement), StringComparison.Ordinal);
        await store.StoreEventsAsync(("a", "deploy", T0, 1), ("b", "deploy", T0, 2));
        await store.FlushAsync();
        await store.StoreEventsAsync(("a", "deploy", T0 + Day, 3), ("c", "alert", T0, 4));
        await store.FlushAsync();
        await store.StoreEventsAsync(("c", "alert", T0 + 1, 5), ("c", "alert", T0 + 2, 6), ("d", "alert", T0, 7));
        using var json = JsonDocument.Parse(await store.SqlAsync(Statement));
        Assert.Equal(
            $"""[["a","deploy","test",{T0 + Day},3,null],["b","deploy","test",{T0},2,null],["c","alert","test",{T0 + 2},6,null],["d","alert","test",{T0},7,null]]""",
            json.RootElement.GetProperty("rows").GetRawText());
        Assert.Contains("[[2]]", await store.SqlAsync("SELECT count(*) FROM events WHERE type = 'alert'"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EventsAsync_whileFlushing_seesEachOnce()
    {
        await using var store = StoreFixture.Open();
        var acked = 0;
        var writing = Task.Run(async () =>
        {
            for (var round = 0; round < 40; round++)
            {
                await store.StoreEventsAsync([.. Enumerable.Range(round * 5, 5).Select(at => ($"e{at}", "t", T0 + at, 1)), ("again", "t", T0, round)]);
                Volatile.Write(ref acked, (round + 1) * 5);
                if (round % 3 == 2) await store.FlushAsync();
            }
        });
        do
        {
            var least = Volatile.Read(ref acked);
            var ids = (await ListAsync(store, All)).Select(one => one.Split(' ')[0]).ToList();
            Assert.Equal(ids.Distinct().Count(), ids.Count);
            Assert.True(ids.Count >= least);
        }
        while (!writing.IsCompleted);
        await writing;
        Assert.Equal(201, (await ListAsync(store, All)).Count);
    }

    private static async Task<List<string>> ListAsync(StoreFixture store, EventQuery query, string? engine = null)
    {
        using var json = JsonDocument.Parse(await store.EventsAsync(query, engine));
        return [.. json.RootElement.GetProperty("events").EnumerateArray().Select(one => $"{one.GetProperty("id").GetString()} {one.GetProperty("document").GetProperty("n").GetInt32()}")];
    }
}
