using DataLayer.Engines.Mongo;
using DataLayer.Protocol;
using MongoDB.Bson;
using MongoDB.Driver;

namespace DataLayer.Engines.Tests.Mongo;

[Collection(nameof(MongoCollection))]
public sealed class MongoEventsTests(MongoFixture fixture) : IAsyncLifetime
{
    private const long T0 = 1_772_359_200_000_000;

    // Places in Berlin, and one in Potsdam, with their distance from the first in metres as a great circle on the server's sphere.
    private static readonly (string Id, double Latitude, double Longitude)[] Places =
        [("gate", 52.516272, 13.377722), ("tower", 52.520817, 13.409419), ("airport", 52.362247, 13.500672), ("potsdam", 52.390569, 13.064473)];

    private readonly string _database = MongoFixture.NewDatabase();
    private MongoEngine _engine = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _engine = new MongoEngine(MongoFixture.Options(fixture.Server.ConnectionString, _database), MongoFixture.Context(new MemoryCatalog(1)));
        await _engine.OpenAsync(Cancellation);
    }

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    [Fact]
    public async Task AddEventsAsync_any_fields_come_back_byte_for_byte()
    {
        var map = Map(writer =>
        {
            writer.WriteMapHeader(12);
            Pair(writer, "text", () => writer.WriteString("Zürich\0".AsSpan()));
            Pair(writer, "int", () => writer.Write(-5L));
            Pair(writer, "large", () => writer.Write(ulong.MaxValue));
            Pair(writer, "real", () => writer.Write(-0.0));
            Pair(writer, "single", () => writer.Write(0.1f));
            Pair(writer, "flag", () => writer.Write(true));
            Pair(writer, "nothing", writer.WriteNil);
            Pair(writer, "bytes", () => writer.WriteBinary([1, 2, 3]));
            Pair(writer, "at", () => writer.WriteTimestamp(T0 + 7));
            Pair(writer, "extension", () => writer.WriteExtension(5, [9, 9]));
            Pair(writer, "a.b$c", () => writer.WriteString("dots"));
            writer.Write(7L);
            writer.WriteArrayHeader(2);
            writer.Write(1L);
            writer.WriteMapHeader(1);
            Pair(writer, "deep", () => writer.Write(1L));
        });
        await _engine.AddEventsAsync([new EngineEvent("e", "deploy", "ci", T0 + 3, map, null, null)], Cancellation);
        var found = Assert.Single(await FindAsync(new EventQuery { StartMicros = T0, EndMicros = T0 + 10 })).Event;
        Assert.Equal(("e", "deploy", "ci", T0 + 3), (found.Id, found.Type, found.Source, found.TimeMicros));
        Assert.Equal(map, found.Document.ToArray());

        using var client = new MongoClient(fixture.Server.ConnectionString);
        var fields = (await client.GetDatabase(_database).GetCollection<BsonDocument>("events").Find(new BsonDocument("fields.int", -5)).SingleAsync(Cancellation))["fields"].AsBsonDocument;
        Assert.Equal("dots", fields["a.b$c"]);
        Assert.Equal(Decimal128.Parse("18446744073709551615"), fields["large"]);
        Assert.Equal(1, fields["7"][1]["deep"].AsInt64);
        Assert.Equal(T0 / 1000, fields["at"].AsBsonDateTime.MillisecondsSinceEpoch);
    }

    [Fact]
    public async Task AddEventsAsync_same_id_again_the_later_wins()
    {
        await _engine.AddEventsAsync([Event("a", T0, "x"), Event("b", T0 + 1, "x"), Event("a", T0 + 2, "y")], Cancellation);
        await _engine.AddEventsAsync([Event("b", T0 + 3, "z")], Cancellation);
        await _engine.AddEventsAsync([Event("b", T0 + 3, "z")], Cancellation);
        Assert.Equal([("b", "z", T0 + 3), ("a", "y", T0 + 2)], (await FindAsync(All)).Select(found => (found.Event.Id, found.Event.Type, found.Event.TimeMicros)));
    }

    [Fact]
    public async Task QueryEventsAsync_by_time_type_source_and_limit()
    {
        await _engine.AddEventsAsync([.. Enumerable.Range(0, 20).Select(at => Event($"e{at:00}", T0 + at, at % 2 == 0 ? "even" : "odd"))], Cancellation);
        Assert.Equal(["e08", "e06"], Ids(await FindAsync(new EventQuery { StartMicros = T0 + 5, EndMicros = T0 + 10, Type = "even" })));
        Assert.Equal(["e19", "e18", "e17"], Ids(await FindAsync(All with { Limit = 3 })));
        Assert.Empty(await FindAsync(All with { Source = "nobody" }));
    }

    [Fact]
    public async Task QueryEventsAsync_near_the_nearest_first_with_distances()
    {
        await AddPlacesAsync();
        var found = await FindAsync(All with { Near = (Places[0].Latitude, Places[0].Longitude, 25_000) });
        Assert.Equal(["gate", "tower", "airport"], Ids(found));
        Assert.Equal(0, found[0].DistanceMetres!.Value, 3);
        Assert.Equal(GreatCircleMetres(Places[0], Places[1]), found[1].DistanceMetres!.Value, 3);
        Assert.Equal(["tower"], Ids(await FindAsync(All with { Near = (Places[0].Latitude, Places[0].Longitude, 25_000), StartMicros = T0 + 1, EndMicros = T0 + 2, Type = "place" })));
    }

    [Fact]
    public async Task QueryEventsAsync_within_a_polygon()
    {
        await AddPlacesAsync();
        (double, double)[] centre = [(52.50, 13.36), (52.50, 13.43), (52.53, 13.43), (52.53, 13.36)];
        Assert.Equal(["tower", "gate"], Ids(await FindAsync(All with { Within = centre })));
        Assert.Equal(["tower"], Ids(await FindAsync(All with { Within = centre, Near = (Places[1].Latitude, Places[1].Longitude, 1_000) })));
        var fault = await Assert.ThrowsAsync<EngineException>(() => FindAsync(All with { Within = centre[..2] }));
        Assert.False(fault.IsTransient);

        // Edges that cross: the server says no, and it is the question's fault.
        fault = await Assert.ThrowsAsync<EngineException>(() => FindAsync(All with { Within = [centre[0], centre[2], centre[1], centre[3]] }));
        Assert.False(fault.IsTransient, fault.Message);
    }

    [Fact]
    public async Task AddEventsAsync_larger_than_a_document_may_be_is_refused()
    {
        var map = Map(writer =>
        {
            writer.WriteMapHeader(1);
            Pair(writer, "bytes", () => writer.WriteBinary(new byte[17 << 20]));
        });
        await Assert.ThrowsAsync<RefusedSamplesException>(() => _engine.AddEventsAsync([new EngineEvent("big", "t", "s", T0, map, null, null)], Cancellation).AsTask());
    }

    private static EventQuery All => new() { StartMicros = long.MinValue, EndMicros = long.MaxValue };

    private static IEnumerable<string> Ids(IEnumerable<FoundEvent> found) => found.Select(one => one.Event.Id);

    private static EngineEvent Event(string id, long time, string type, (double Latitude, double Longitude)? place = null) =>
        new(id, type, "test", time, Map(writer => writer.WriteMapHeader(0)), place?.Latitude, place?.Longitude);

    private static byte[] Map(Action<MsgPackWriter> write)
    {
        using var writer = new MsgPackWriter();
        write(writer);
        return writer.Written.ToArray();
    }

    private static void Pair(MsgPackWriter writer, string name, Action value)
    {
        writer.WriteString(name.AsSpan());
        value();
    }

    /// <summary>The haversine formula on the server's sphere.</summary>
    private static double GreatCircleMetres((string, double Latitude, double Longitude) one, (string, double Latitude, double Longitude) other)
    {
        var (latitude, otherLatitude) = (double.DegreesToRadians(one.Latitude), double.DegreesToRadians(other.Latitude));
        var a = Math.Pow(Math.Sin((otherLatitude - latitude) / 2), 2) + (Math.Cos(latitude) * Math.Cos(otherLatitude) * Math.Pow(Math.Sin(double.DegreesToRadians(other.Longitude - one.Longitude) / 2), 2));
        return 2 * 6_378_100 * Math.Asin(Math.Sqrt(a));
    }

    private async Task AddPlacesAsync() => await _engine.AddEventsAsync([.. Places.Select((place, at) => Event(place.Id, T0 + at, "place", (place.Latitude, place.Longitude))), Event("nowhere", T0, "place")], Cancellation);

    private Task<IReadOnlyList<FoundEvent>> FindAsync(EventQuery query) => _engine.QueryEventsAsync(query, Cancellation);
}
