using System.Globalization;
using DataLayer.Query.Samples;
using Xunit;

namespace DataLayer.Query.Tests.Samples;

/// <summary>A store of 700 series, stored, hot and late samples mixed: four threads answer as one does, byte by byte.</summary>
public sealed class ManyThreadsTests
{
    private const long Epoch = 1_763_899_200_000_000;
    private const int SeriesCount = 700;

    [Fact]
    public async Task Samples_fourThreads_answerIsThatOfOne()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        await using var store = StoreFixture.Open(query: new QueryOptions { ThreadsMax = 4, ConcurrencyMax = 8 });
        await FillAsync(store, new Random(seed));
        using var alone = new QueryService(store.Pipeline, store.Lake, new QueryOptions { ThreadsMax = 1 });
        foreach (var query in Queries())
        {
            foreach (var format in new[] { ResultFormat.Json, ResultFormat.Csv })
            {
                var expected = await StoreFixture.TextAsync(output => alone.SamplesAsync(query, format, output, CancellationToken.None));
                Assert.True(expected.Length > 60, $"{query}: {expected}");
                var answers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => store.SamplesAsync(query, format))));
                foreach (var answer in answers) Assert.True(expected == answer, $"seed {seed}, {query}, {format}");
                Assert.Equal(0, store.Query.ThreadsUsed);
            }
        }
    }

    private static IEnumerable<SamplesQuery> Queries()
    {
        var all = new SamplesQuery { Name = "cpu", StartMicros = Epoch - 7, EndMicros = Epoch + 7_200_000_001, Limit = 1_000_000 };
        foreach (var limit in new[] { 1, 3000, 3001, 20_000, 1_000_000 }) yield return all with { Limit = limit };
        foreach (var agg in new[] { "avg", "sum", "max", "count", "last", "rate", "p95" })
        {
            yield return all with { StepMicros = 60_000_000, Aggregation = Aggregation.Parse(agg) };
            yield return all with { StepMicros = 7_000_001, Aggregation = Aggregation.Parse(agg), Limit = 5000 };
        }

        foreach (var by in new[] { Array.Empty<string>(), ["zone"], ["n"] })
        {
            yield return all with { StepMicros = 60_000_000, Aggregation = Aggregation.Parse("avg"), By = by };
            yield return all with { Aggregation = Aggregation.Parse("sum"), By = by, Top = 5 };
        }

        yield return all with { Aggregation = Aggregation.Parse("avg"), Top = 20 };
    }

    private static async Task FillAsync(StoreFixture store, Random random)
    {
        var series = Enumerable.Range(0, SeriesCount)
            .Select(i => store.Series("cpu", ("n", i.ToString(CultureInfo.InvariantCulture)), ("zone", $"z{i % 7}"))).ToArray();
        for (var round = 0; round < 6; round++)
        {
            var samples = new List<(int, long, double)>();
            foreach (var one in series)
            {
                if (random.Next(5) == 0) continue;
                for (var i = 0; i < 12; i++)
                {
                    var time = Epoch + (round * 1_200_000_000L) + (i * 100_000_000L) + random.Next(1000);
                    if (random.Next(10) == 0) time -= random.NextInt64(round * 1_200_000_000L + 1);
                    samples.Add((one, time, random.Next(3) == 0 ? random.NextDouble() : Math.Round(random.NextDouble() * 1000, 2)));
                }
            }

            await store.StoreAsync([.. samples]);
            if (round is 1 or 3) await store.FlushAsync();
            if (round == 4) await store.SealAndWriteAsync();
        }

        await store.StoreAsync(series[300], Epoch + 5, 1.5, 0.25f);
    }
}
