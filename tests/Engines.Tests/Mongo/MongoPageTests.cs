using System.Text.RegularExpressions;
using DataLayer.Engines.Mongo;
using DataLayer.Protocol;
using MongoDB.Bson;
using MongoDB.Driver;

namespace DataLayer.Engines.Tests.Mongo;

/// <summary>What docs/engines/mongo.md shows to people works as it stands there.</summary>
[Collection(nameof(MongoCollection))]
public sealed partial class MongoPageTests(MongoFixture fixture)
{
    private const long T0 = 1_772_359_200_000_000;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Questions_of_the_page_find_something()
    {
        var (engine, database) = await FilledAsync();
        await using var _ = engine;
        using var client = new MongoClient(fixture.Server.ConnectionString);
        var questions = Command().Matches(await File.ReadAllTextAsync(Page(), Cancellation)).Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(8, questions.Count);
        var id = SeriesId.Of(SeriesKey.Of("cpu_load", [new("host", "a")]));
        foreach (var question in questions)
        {
            var answer = await client.GetDatabase(database).RunCommandAsync<BsonDocument>(BsonDocument.Parse(question.Replace("\"series.id\": 4711", $"\"series.id\": {{ $numberLong: \"{id}\" }}", StringComparison.Ordinal)), cancellationToken: Cancellation);
            Assert.True(answer["cursor"]["firstBatch"].AsBsonArray.Count > 0, question);
        }
    }

    [Fact]
    public async Task Views_show_each_sample_once_and_rollups_of_those()
    {
        var (engine, name) = await FilledAsync();
        await using var _ = engine;
        using var client = new MongoClient(fixture.Server.ConnectionString);
        var database = client.GetDatabase(name);
        var samples = await database.GetCollection<BsonDocument>("samples").Find(new BsonDocument()).Sort(new BsonDocument("micros", 1)).ToListAsync(Cancellation);
        Assert.Equal([1.0, 20.0, 3.0], samples.Where(sample => !double.IsNaN(sample["value"].AsDouble)).Select(sample => sample["value"].AsDouble));
        Assert.Equal([T0 + 1, T0 + 1_000_002, T0 + 2_000_000, T0 + 60_000_000], samples.Select(sample => sample["micros"].AsInt64));
        Assert.Equal([1.0, 0.5, 1.0, 1.0], samples.Select(sample => sample["quality"].AsDouble));
        Assert.All(samples, sample => Assert.Equal(("cpu_load", "a"), (sample["name"].AsString, sample["labels"]["host"].AsString)));
        Assert.Equal(5, await database.GetCollection<BsonDocument>("raw").CountDocumentsAsync(new BsonDocument(), cancellationToken: Cancellation));

        var minutes = await database.GetCollection<BsonDocument>("rollup_1m").Find(new BsonDocument("name", "cpu_load")).Sort(new BsonDocument("start", 1)).ToListAsync(Cancellation);
        Assert.Equal([(T0 / 1000, 2, 21.0, 1.0, 20.0, 1.0, 20.0), ((T0 / 1000) + 60_000, 1, 3.0, 3.0, 3.0, 3.0, 3.0)], minutes.Select(bucket => (
            bucket["start"].AsBsonDateTime.MillisecondsSinceEpoch, bucket["count"].AsInt32, bucket["sum"].AsDouble, bucket["min"].AsDouble, bucket["max"].AsDouble, bucket["first"].AsDouble, bucket["last"].AsDouble)));
        var hour = await database.GetCollection<BsonDocument>("rollup_1h").Find(new BsonDocument()).SingleAsync(Cancellation);
        Assert.Equal((3, 8.0), (hour["count"].AsInt32, hour["avg"].AsDouble));
    }

    private async Task<(MongoEngine Engine, string Database)> FilledAsync()
    {
        var database = MongoFixture.NewDatabase();
        var engine = new MongoEngine(MongoFixture.Options(fixture.Server.ConnectionString, database), MongoFixture.Context(new OneSeries()));
        await engine.OpenAsync(Cancellation);
        var model = new EngineModel();
        await engine.WriteAsync(model.Next(new Sample(0, T0 + 1, 1), new Sample(0, T0 + 1_000_002, 2), new Sample(0, T0 + 60_000_000, 3)), Cancellation);
        await engine.WriteAsync(model.Next(new Sample(0, T0 + 1_000_002, 20, 0.5f), new Sample(0, T0 + 2_000_000, double.NaN)), Cancellation);
        await engine.AddEventsAsync([new EngineEvent("e1", "deploy", "ci", T0, new byte[] { 0x80 }, 52.52, 13.40)], Cancellation);
        return (engine, database);
    }

    private static string Page()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "DataLayer.sln"))) folder = Path.GetDirectoryName(folder)!;
        return Path.Combine(folder, "docs", "engines", "mongo.md");
    }

    [GeneratedRegex(@"```js\ndb\.runCommand\((.*?)\)\n```", RegexOptions.Singleline)]
    private static partial Regex Command();

    private sealed class OneSeries : DataLayer.Ingest.Series.ISeriesCatalog
    {
        private readonly byte[] _key = SeriesKey.Of("cpu_load", [new("host", "a")]);

        public int Count => 1;

        public ReadOnlySpan<byte> KeyOf(int series) => _key;

        public int MetricOf(int series) => 0;

        public int[] Select(string? name, IReadOnlyList<KeyValuePair<string, string>> labels) => throw new NotSupportedException();
    }
}
