using System.Globalization;
using DataLayer.Query.Samples;
using DataLayer.Query.Sql;
using Xunit;

namespace DataLayer.Query.Tests;

/// <summary>While samples come and flushes move them into the lake, every answer holds a whole prefix of what was stored: none missing, none twice.</summary>
public sealed class ConcurrentFlushTests
{
    private const long Epoch = 1_763_899_200_000_000;
    private const int Rounds = 60;

    [Fact]
    public async Task Queries_whileFlushing_seeEachSampleOnce()
    {
        await using var store = StoreFixture.Open();
        var series = store.Series("count", ("n", "0"));
        var acked = 0;
        var writing = Task.Run(async () =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                // Value = ordinal, so a prefix of n samples sums to n (n - 1) / 2. Every fifth round the last ones come once more.
                var from = round % 5 == 4 ? Math.Max(0, acked - 7) : acked;
                await store.StoreAsync([.. Enumerable.Range(from, acked + 20 - from).Select(i => (series, Epoch + (i * 1_000_000L), (double)i))]);
                Volatile.Write(ref acked, acked + 20);
                if (round % 3 == 2) await store.FlushAsync();
            }
        });
        var reads = 0;
        while (!writing.IsCompleted || reads < 5)
        {
            await CheckSqlAsync(store, Volatile.Read(ref acked));
            await CheckSamplesAsync(store, Volatile.Read(ref acked));
            reads++;
        }

        await writing;
        await CheckSqlAsync(store, Rounds * 20);
    }

    private static async Task CheckSqlAsync(StoreFixture store, int atLeast)
    {
        var fields = (await store.SqlAsync("SELECT count(*), count(DISTINCT time), coalesce(sum(value), 0) FROM samples", SqlFormat.Csv)).Split("\r\n")[1].Split(',');
        var count = long.Parse(fields[0], CultureInfo.InvariantCulture);
        Assert.True(count >= atLeast, $"{count} of at least {atLeast}");
        Assert.Equal(count, long.Parse(fields[1], CultureInfo.InvariantCulture));
        Assert.Equal(count * (count - 1) / 2, (long)double.Parse(fields[2], CultureInfo.InvariantCulture));
    }

    private static async Task CheckSamplesAsync(StoreFixture store, int atLeast)
    {
        var query = new SamplesQuery { StartMicros = 0, EndMicros = long.MaxValue / 2, Limit = 100_000 };
        var samples = Answer.Samples(await store.SamplesAsync(query)).GetValueOrDefault("0") ?? [];
        Assert.True(samples.Count >= atLeast, $"{samples.Count} of at least {atLeast}");
        Assert.Equal(Enumerable.Range(0, samples.Count).Select(i => (Epoch + (i * 1_000_000L), (double)i)), samples);
    }
}
