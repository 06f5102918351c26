using DataLayer.Ingest.Records;
using DataLayer.Ingest.Shards;
using Xunit;
using Record = DataLayer.Ingest.Records.Record;

namespace DataLayer.Ingest.Tests.Shards;

public sealed class ShardTests
{
    private const int Records = 1000;
    private const int PerRecord = 1000;

    /// <summary>The claim: the running aggregates that a reader gets are those after some sample, never half of one and half of the next.</summary>
    [Fact]
    public void Stress_aggregates_are_of_one_moment()
    {
        var shard = new Shard(0, 1, new SlabPool(long.MaxValue), []);
        var record = new Record(64);
        Assert.Null(FirstTorn(Apply, () => shard.TryGetAggregate(0, out var aggregate) ? aggregate : default));

        void Apply(int at)
        {
            record.Clear();
            for (var next = at; next < at + PerRecord; next++) record.AddSample(0, next, next);
            record.AddSample(1 + (at / PerRecord), at, at); // New series: the table grows under the reader.
            record.Complete(0, 0, at);
            record.Seal(at);
            shard.Apply(record);
        }
    }

    /// <summary>The control: a reader that does not look at the version must be caught by the same check.</summary>
    [Fact]
    public void Stress_control_that_ignores_the_version_is_caught()
    {
        var series = new SeriesAggregate { MaxTime = long.MinValue, Min = double.PositiveInfinity, Max = double.NegativeInfinity };
        string? torn = null;
        for (var round = 0; round < 1000 && torn is null; round++)
        {
            series = new SeriesAggregate { MaxTime = long.MinValue, Min = double.PositiveInfinity, Max = double.NegativeInfinity };
            torn = FirstTorn(Apply, () => new RunningAggregate(series.Count, series.Sum, series.Min, series.Max, series.LastTime, series.LastValue));
        }

        Assert.NotNull(torn);

        void Apply(int at)
        {
            for (var next = at; next < at + PerRecord; next++)
            {
                var run = new AggregateRun(in series);
                run.Add(next, next);
                run.Publish(ref series);
            }
        }
    }

    /// <summary>Applies samples 1, 2, 3 … (value and time alike) while another reads; the first aggregate that fits none of those moments, or null.</summary>
    private static string? FirstTorn(Action<int> apply, Func<RunningAggregate> read)
    {
        string? torn = null;
        var isDone = false;
        var reader = new Thread(() =>
        {
            while (!Volatile.Read(ref isDone) && torn is null)
            {
                var seen = read();
                var n = seen.Count;
                if (n == 0 || seen == new RunningAggregate(n, n * (n + 1) / 2.0, 1, n, n, n)) continue;
                Volatile.Write(ref torn, seen.ToString());
            }
        });
        reader.Start();
        for (var at = 1; at <= Records * PerRecord && Volatile.Read(ref torn) is null; at += PerRecord) apply(at);
        Volatile.Write(ref isDone, true);
        reader.Join();
        return torn;
    }
}
