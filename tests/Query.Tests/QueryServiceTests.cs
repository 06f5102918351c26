using System.Text.Json;
using DataLayer.Engines.Lake;
using DataLayer.Query.Samples;
using DataLayer.Query.SeriesList;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace DataLayer.Query.Tests;

public sealed class QueryServiceTests
{
    private const long Epoch = 1_763_899_200_000_000;

    [Fact]
    public async Task Samples_raw_areSecondsValueAndQuality()
    {
        await using var store = StoreFixture.Open();
        var series = store.Series("cpu", ("host", "a"));
        await store.StoreAsync((series, Epoch, 1.5), (series, Epoch + 1, BitConverter.Int64BitsToDouble(0x7FF0000000000002)), (series, Epoch + 250_000, double.NaN));
        await store.StoreAsync(series, Epoch + 1_000_000, -2, 0.5f);
        const string Expected = """{"series":[{"name":"cpu","labels":{"host":"a"},"samples":[[1763899200,1.5],[1763899200.000001,null],[1763899200.25,"NaN"],[1763899201,-2,0.5]]}],"truncated":false}""";
        Assert.Equal(Expected, await store.SamplesAsync(All()));
        await store.FlushAsync();
        Assert.Equal(Expected, await store.SamplesAsync(All()));
    }

    [Fact]
    public async Task Samples_csv_hasOneLinePerSample()
    {
        await using var store = StoreFixture.Open();
        var series = store.Series("cpu", ("host", "a"));
        await store.StoreAsync((series, Epoch, 1.5), (series, Epoch + 1, BitConverter.Int64BitsToDouble(0x7FF0000000000002)));
        Assert.Equal(
            "name,labels,time,value,quality\r\ncpu,\"{\"\"host\"\":\"\"a\"\"}\",2025-11-23T12:00:00Z,1.5,1\r\ncpu,\"{\"\"host\"\":\"\"a\"\"}\",2025-11-23T12:00:00.000001Z,,1\r\n",
            await store.SamplesAsync(All(), ResultFormat.Csv));
    }

    [Theory]
    [InlineData(5, 5, true)]
    [InlineData(6, 6, false)]
    [InlineData(3, 3, true)]
    [InlineData(100, 6, false)]
    public async Task Samples_limit_cutsAndSaysSo(int limit, int rows, bool isTruncated)
    {
        await using var store = StoreFixture.Open();
        foreach (var n in new[] { "1", "2" })
        {
            var series = store.Series("cpu", ("n", n));
            await store.StoreAsync([.. Enumerable.Range(0, 3).Select(i => (series, Epoch + i, (double)i))]);
        }

        var json = await store.SamplesAsync(All() with { Limit = limit });
        using var document = JsonDocument.Parse(json);
        Assert.Equal(rows, Answer.Samples(json).Sum(series => series.Value.Count));
        Assert.Equal(isTruncated, document.RootElement.GetProperty("truncated").GetBoolean());
    }

    [Fact]
    public async Task Samples_longAnswer_isWhole()
    {
        await using var store = StoreFixture.Open();
        var series = store.Series("cpu", ("n", "1"));
        await store.StoreAsync([.. Enumerable.Range(0, 20_000).Select(i => (series, Epoch + i, i / 8.0))]);
        var samples = Answer.Samples(await store.SamplesAsync(All() with { Limit = 100_000 }))["1"];
        Assert.Equal(Enumerable.Range(0, 20_000).Select(i => (Epoch + i, i / 8.0)), samples);
    }

    [Fact]
    public async Task Samples_badQuery_isBadRequest()
    {
        await using var store = StoreFixture.Open();
        var average = Aggregation.Parse("avg");
        SamplesQuery[] queries =
        [
            All() with { EndMicros = 0 }, All() with { Limit = 0 }, All() with { StepMicros = 0 }, All() with { Name = null, By = [], Aggregation = average },
            All() with { Name = "cpu", By = ["a"] }, All() with { Name = "cpu", By = ["a"], Aggregation = Aggregation.Parse("p99") }, All() with { Top = 3 }, All() with { Top = 0, Aggregation = average },
            All() with { Top = 3, Aggregation = average, StepMicros = 60_000_000 }, All() with { Top = 3, Aggregation = Aggregation.Parse("rate") },
        ];
        foreach (var query in queries)
            Assert.Equal(QueryErrorKind.BadRequest, (await Assert.ThrowsAsync<QueryException>(() => store.SamplesAsync(query))).Kind);
    }

    /// <summary>The first time a column is read from the file, the second time for the cache, the third time from it; a merge puts another file in its place.</summary>
    [Fact]
    public async Task Samples_askedAgain_answerIsTheSame()
    {
        await using var store = StoreFixture.Open();
        var series = Enumerable.Range(0, 40).Select(i => store.Series("cpu", ("n", $"{i}"), ("odd", $"{i % 2}"))).ToArray();
        SamplesQuery[] queries = [.. new[] { "avg", "max", "last", "count", "p99" }.Select(agg => All() with { Name = "cpu", StepMicros = 60_000_000, Aggregation = Aggregation.Parse(agg), Limit = 100_000 }), All() with { Limit = 100_000 }];
        var expected = new string[queries.Length];
        for (var round = 0; round < 3; round++)
        {
            await store.StoreAsync([.. Enumerable.Range(0, 4000).Select(i => (series[i % 40], Epoch + (round * 5_000_000L) + (i / 40 * 15_000_000L), (i * 7919 % 1000) / 8.0))]);
            for (var i = 0; i < queries.Length; i++) expected[i] = await store.SamplesAsync(queries[i]);
            await store.FlushAsync();
            for (var again = 0; again < 4; again++)
            {
                for (var i = 0; i < queries.Length; i++) Assert.Equal(expected[i], await store.SamplesAsync(queries[i]));
            }
        }

        Assert.True(store.Lake.CacheBytes > 0 && store.Lake.CacheHits > 0);
        new LakeMaintenance(store.Lake, trustsClock: true).RunOnce(CancellationToken.None);
        for (var i = 0; i < queries.Length; i++) Assert.Equal(expected[i], await store.SamplesAsync(queries[i]));
    }

    [Theory]
    [InlineData(60)]
    [InlineData(300)]
    [InlineData(3600)]
    public async Task Samples_rawGoneByRetention_aggregatesStay(int step)
    {
        // 12:00 to 14:59 every 7 s, and at 15:01 raw samples older than an hour go: those before 14:00.
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(Epoch / 1_000_000).AddMinutes(181));
        await using var store = StoreFixture.Open(rawRetention: TimeSpan.FromHours(1), time: time);
        var series = store.Series("cpu", ("n", "1"));
        await store.StoreAsync([.. Enumerable.Range(0, 1540).Select(i => (series, Epoch + (i * 7_000_000L), i % 17 / 4.0))]);
        await store.FlushAsync();
        var query = new SamplesQuery { StartMicros = Epoch, EndMicros = Epoch + (3 * 3_600_000_000L), StepMicros = step * 1_000_000L, Limit = 100_000 };
        var before = new List<string>();
        foreach (var agg in new[] { "avg", "sum", "min", "max", "count", "first", "last" }) before.Add(await store.SamplesAsync(query with { Aggregation = Aggregation.Parse(agg) }));
        new LakeMaintenance(store.Lake, trustsClock: true).RunOnce(CancellationToken.None);
        Assert.True(Answer.Samples(await store.SamplesAsync(query with { StepMicros = null }))["1"].Count < 800);

        // A late sample in an hour that is gone is added to its bucket: nobody can tell any more what it replaces.
        var after = new List<string>();
        foreach (var agg in new[] { "avg", "sum", "min", "max", "count", "first", "last" }) after.Add(await store.SamplesAsync(query with { Aggregation = Aggregation.Parse(agg) }));
        Assert.Equal(before, after);
        await store.StoreAsync((series, Epoch + 1, 1000));
        Assert.Equal(1000, Answer.Samples(await store.SamplesAsync(query with { Aggregation = Aggregation.Parse("max") }))["1"][0].Value);
    }

    /// <summary>The sketch's error is 1 %, and between the two samples at a quantile's rank any value is right.</summary>
    [Theory]
    [InlineData(60)]
    [InlineData(3600)]
    [InlineData(7200)]
    public async Task Samples_rawGoneByRetention_quantilesComeFromSketches(int step)
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(Epoch / 1_000_000).AddMinutes(181));
        await using var store = StoreFixture.Open(rawRetention: TimeSpan.FromHours(1), time: time);
        var (sketched, plain) = (store.Series("latency", ("n", "1")), store.Series("cpu", ("n", "2")));
        var samples = Enumerable.Range(0, 10_800).Select(i => (Time: Epoch + (i * 1_000_000L), Value: 1 + ((i * 7919L) % 1000))).ToArray();
        await store.StoreAsync([.. samples.Select(sample => (sketched, sample.Time, (double)sample.Value)), .. samples.Select(sample => (plain, sample.Time, (double)sample.Value))]);
        await store.FlushAsync();
        new LakeMaintenance(store.Lake, trustsClock: true).RunOnce(CancellationToken.None);
        var query = new SamplesQuery
        {
            StartMicros = Epoch, EndMicros = Epoch + (3 * 3_600_000_000L), StepMicros = step * 1_000_000L, Limit = 100_000, Aggregation = Aggregation.Parse("p90"),
        };
        var answer = Answer.Samples(await store.SamplesAsync(query));
        var buckets = samples.GroupBy(sample => sample.Time - (sample.Time % (step * 1_000_000L))).ToDictionary(bucket => bucket.Key, bucket => bucket.Select(sample => (double)sample.Value).Order().ToArray());
        Assert.Equal(buckets.Count, answer["1"].Count);
        foreach (var point in answer["1"])
        {
            var values = buckets[point.Time];
            var rank = 0.9 * (values.Length - 1);
            Assert.InRange(point.Value, values[(int)Math.Floor(rank)] * 0.99, values[(int)Math.Ceiling(rank)] * 1.01);
        }

        // Where no sketch was kept, only what is wholly in raw samples has quantiles.
        Assert.All(answer.GetValueOrDefault("2", []), point => Assert.True(point.Time >= Epoch + (2 * 3_600_000_000L)));
    }

    [Fact]
    public async Task Latest_hotStoredAndLate_isGreatestTime()
    {
        await using var store = StoreFixture.Open();
        var (first, second) = (store.Series("cpu", ("n", "1")), store.Series("cpu", ("n", "2")));
        await store.StoreAsync((first, Epoch + 10, 1), (second, Epoch + 20, 2));
        await store.FlushAsync();
        Assert.Equal([(Epoch + 10, 1.0), (Epoch + 20, 2.0)], await LatestAsync(store));
        await store.StoreAsync((first, Epoch + 5, 3), (second, Epoch + 30, 4));
        Assert.Equal([(Epoch + 10, 1.0), (Epoch + 30, 4.0)], await LatestAsync(store));
        await store.StoreAsync((first, Epoch + 10, 5));
        Assert.Equal([(Epoch + 10, 5.0), (Epoch + 30, 4.0)], await LatestAsync(store));
    }

    [Fact]
    public async Task SeriesAndCardinality_labels_areCounted()
    {
        await using var store = StoreFixture.Open();
        foreach (var host in new[] { "a", "b", "c" }) store.Series("cpu", ("host", host), ("zone", "z"));
        store.Series("up");
        var list = await StoreFixture.TextAsync(output => store.Query.SeriesAsync(new SeriesQuery { Name = "cpu", Limit = 1 }, ResultFormat.Json, output, CancellationToken.None));
        Assert.Equal("""{"series":[{"series":0,"name":"cpu","labels":{"host":"a","zone":"z"}}],"total":3,"truncated":true}""", list);
        var counts = await StoreFixture.TextAsync(output => store.Query.CardinalityAsync(new SeriesQuery(), ResultFormat.Json, output, CancellationToken.None));
        Assert.Equal(
            """{"series":4,"names":{"values":2,"top":[{"value":"cpu","series":3},{"value":"up","series":1}]},"labels":[{"label":"host","values":3,"series":3,"top":[{"value":"a","series":1},{"value":"b","series":1},{"value":"c","series":1}]},{"label":"zone","values":1,"series":3,"top":[{"value":"z","series":3}]}]}""",
            counts);
    }

    private static SamplesQuery All() => new() { Name = "cpu", StartMicros = Epoch - 1, EndMicros = Epoch + 60_000_000 };

    private static async Task<List<(long Time, double Value)>> LatestAsync(StoreFixture store)
    {
        using var document = JsonDocument.Parse(await StoreFixture.TextAsync(output => store.Query.LatestAsync(new LatestQuery { Name = "cpu" }, ResultFormat.Json, output, CancellationToken.None)));
        return [.. document.RootElement.GetProperty("series").EnumerateArray().Select(s => (Answer.Micros(s.GetProperty("time")), s.GetProperty("value").GetDouble()))];
    }
}
