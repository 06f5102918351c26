using System.Globalization;
using CsCheck;
using DataLayer.Query.Samples;
using Xunit;

namespace DataLayer.Query.Tests;

/// <summary>Random samples (in order, late, twice, stale, far apart) with flushes between and halfway: every way to ask gives what a naive model gives.</summary>
public sealed class StoreModelTests
{
    // Two hours before a full hour: rollups of minutes and hours, hour partitions and a date line are crossed.
    private const long Epoch = 1_763_942_400_000_000 - 5_400_000_000;
    private const int SeriesCount = 5;
    private static readonly string[] Aggregations = ["avg", "sum", "min", "max", "count", "first", "last", "rate", "p50", "p95", "p999"];
    private static readonly long?[] Steps = [null, 1_000_000, 15_000_000, 60_000_000, 300_000_000, 3_600_000_000, 7_000_001];

    [Fact]
    public void Queries_randomStore_equalModel() => Gen.Int.Sample(seed => RunAsync(seed).GetAwaiter().GetResult(), iter: 12, threads: 1);

    private static async Task RunAsync(int seed)
    {
        var random = new Random(seed);
        await using var store = StoreFixture.Open();
        var model = new StoreModel();
        var numbers = Enumerable.Range(0, SeriesCount).Select(i => store.Series(i % 2 == 0 ? "even" : "odd", ("n", i.ToString(CultureInfo.InvariantCulture)))).ToArray();
        var clock = Epoch;
        for (var round = 0; round < 8; round++)
        {
            clock = await FillAsync(store, model, numbers, random, clock);
            switch (random.Next(4))
            {
                case 0:
                    await store.FlushAsync();
                    break;
                case 1:
                    await store.SealAndWriteAsync();
                    await CompareAsync(store, model, numbers, random, clock);
                    store.DropSealed();
                    break;
                default:
                    break;
            }
        }

        for (var i = 0; i < 12; i++) await CompareAsync(store, model, numbers, random, clock);
        await CompareSqlAsync(store, model);
    }

    private static async Task<long> FillAsync(StoreFixture store, StoreModel model, int[] numbers, Random random, long clock)
    {
        var samples = new List<(int, long, double)>();
        for (var i = random.Next(1, 200); i > 0; i--)
        {
            clock += random.Next(6) switch { 0 => 0, 1 => random.Next(1, 1000), 5 => random.Next(60_000_000), _ => 5_000_000 };
            var time = random.Next(8) == 0 ? clock - (random.Next(1, 2000) * 5_000_000L) : clock;
            var value = random.Next(40) == 0 ? BitConverter.Int64BitsToDouble(0x7FF0000000000002) : Math.Round(random.NextDouble() * 100, random.Next(3));
            var series = numbers[random.Next(numbers.Length)];
            samples.Add((series, time, value));
            model.Samples[(series, time)] = value;
        }

        await store.StoreAsync([.. samples]);
        return clock;
    }

    private static async Task CompareAsync(StoreFixture store, StoreModel model, int[] numbers, Random random, long clock)
    {
        var start = Epoch - 12_000_000_000 + (random.NextInt64(clock - Epoch + 12_000_000_000) / 2);
        var end = random.Next(3) == 0 ? clock + 1 : start + 1 + random.NextInt64(clock - start + 10_000_000);
        var step = Steps[random.Next(Steps.Length)];
        var aggregation = Aggregation.Parse(Aggregations[random.Next(Aggregations.Length)]);
        var raw = await store.SamplesAsync(new SamplesQuery { StartMicros = start, EndMicros = end, Limit = 1_000_000 });
        Same(numbers, raw, number => model.Range(number, start, end), 0);
        var buckets = await store.SamplesAsync(new SamplesQuery { StartMicros = start, EndMicros = end, Limit = 1_000_000, StepMicros = step, Aggregation = aggregation });
        Same(numbers, buckets, number => model.Buckets(number, start, end, step, aggregation), 1e-9);
        if (aggregation.IsPoolable) await CompareGroupsAsync(store, model, numbers, start, end, step, aggregation);
        if (aggregation.IsDerivable) await CompareTopAsync(store, model, numbers, start, end, aggregation);
        var limits = string.Create(CultureInfo.InvariantCulture, $"time >= make_timestamp({start}) AND time < make_timestamp({end})");
        var count = Answer.Rows(await store.SqlAsync($"SELECT count(*), count(value), sum(value) FROM samples WHERE {limits}"))[0];
        var expected = numbers.SelectMany(number => model.Range(number, start, end)).ToList();
        Assert.Equal(expected.Count, count[0].GetInt32());
        Assert.Equal(expected.Count(s => !double.IsNaN(s.Value)), count[1].GetInt32());
        if (count[1].GetInt32() > 0) Assert.Equal(expected.Where(s => !double.IsNaN(s.Value)).Sum(s => s.Value), count[2].GetDouble(), 1e-6);
    }

    /// <summary>All "even" series as one, and grouped by a label that each has its own value of.</summary>
    private static async Task CompareGroupsAsync(StoreFixture store, StoreModel model, int[] numbers, long start, long end, long? step, Aggregation aggregation)
    {
        var query = new SamplesQuery { Name = "even", StartMicros = start, EndMicros = end, Limit = 1_000_000, StepMicros = step, Aggregation = aggregation, By = [] };
        var evens = numbers.Where((_, i) => i % 2 == 0).ToArray();
        var series = Answer.Series(await store.SamplesAsync(query));
        var expected = model.Buckets(evens, start, end, step, aggregation);
        Assert.Equal(expected.Count > 0 ? 1 : 0, series.Count);
        if (series.Count > 0)
        {
            Assert.Empty(series[0].Labels);
            Equal(expected, series[0].Samples);
        }

        var each = await store.SamplesAsync(query with { By = ["none", "n"] });
        var alone = await store.SamplesAsync(query with { By = null });
        Assert.Equal(alone, each);
    }

    private static async Task CompareTopAsync(StoreFixture store, StoreModel model, int[] numbers, long start, long end, Aggregation aggregation)
    {
        var answer = Answer.Series(await store.SamplesAsync(new SamplesQuery { StartMicros = start, EndMicros = end, Aggregation = aggregation, Top = 2 }));
        var expected = numbers.SelectMany(number => model.Buckets(number, start, end, null, aggregation)).Select(bucket => bucket.Value).OrderDescending().Take(2).ToList();
        Assert.Equal(expected.Count, answer.Count);
        foreach (var (want, got) in expected.Zip(answer)) Assert.Equal(want, Assert.Single(got.Samples).Value, 1e-7);
    }

    private static void Equal(List<(long Time, double Value)> expected, List<(long Time, double Value)> actual)
    {
        Assert.Equal(expected.Select(s => s.Time), actual.Select(s => s.Time));
        foreach (var (want, got) in expected.Zip(actual)) Assert.True(Math.Abs(want.Value - got.Value) <= 1e-9 * Math.Max(1, Math.Abs(want.Value)), $"{want} but {got}");
    }

    private static void Same(int[] numbers, string json, Func<int, List<(long Time, double Value)>> expectedOf, double tolerance)
    {
        var answer = Answer.Samples(json);
        for (var i = 0; i < numbers.Length; i++)
        {
            var expected = expectedOf(numbers[i]);
            var actual = answer.GetValueOrDefault(i.ToString(CultureInfo.InvariantCulture)) ?? [];
            Assert.Equal(expected.Select(s => s.Time), actual.Select(s => s.Time));
            foreach (var (want, got) in expected.Zip(actual))
            {
                Assert.True(
                    want.Value.Equals(got.Value) || Math.Abs(want.Value - got.Value) <= tolerance * Math.Max(1, Math.Abs(want.Value)), $"{want} but {got}");
            }
        }
    }

    private static async Task CompareSqlAsync(StoreFixture store, StoreModel model)
    {
        var rows = Answer.Rows(await store.SqlAsync("SELECT labels['n'], epoch_us(time), value FROM samples ORDER BY labels['n'], time"));
        var expected = model.Samples.Select(s => ($"{s.Key.Series}", s.Key.Time, s.Value)).ToList();
        Assert.Equal(expected, rows.Select(row => (row[0].GetString()!, row[1].GetInt64(), Answer.Number(row[2]))));
        foreach (var (view, width) in new[] { ("rollup_1m", 60_000_000L), ("rollup_1h", 3_600_000_000L) })
        {
            var buckets = Answer.Rows(await store.SqlAsync($"SELECT labels['n'], epoch_us(time), count, sum, min, max, avg, first, last FROM {view} ORDER BY labels['n'], time"));
            var want = model.Samples.Where(s => !double.IsNaN(s.Value)).GroupBy(s => (s.Key.Series, s.Key.Time / width * width)).ToList();
            Assert.Equal(want.Select(b => ($"{b.Key.Series}", b.Key.Item2)), buckets.Select(row => (row[0].GetString()!, row[1].GetInt64())));
            foreach (var (bucket, row) in want.Zip(buckets))
            {
                var values = bucket.Select(s => s.Value).ToList();
                double[] numbers = [values.Count, values.Sum(), values.Min(), values.Max(), values.Average(), values[0], values[^1]];
                for (var i = 0; i < numbers.Length; i++) Assert.Equal(numbers[i], row[2 + i].GetDouble(), 1e-7);
            }
        }
    }
}
