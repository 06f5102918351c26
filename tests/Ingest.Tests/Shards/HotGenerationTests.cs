using DataLayer.Ingest.Records;
using DataLayer.Ingest.Shards;
using Xunit;

namespace DataLayer.Ingest.Tests.Shards;

/// <summary>What readers see of a generation while the shard's thread appends to it.</summary>
public sealed class HotGenerationTests
{
    private const int Samples = 2_000;
    private const int Rounds = 200;

    /// <summary>The claim: a reader sees a whole prefix of what was appended, and never less than before; over chunks, slabs and grown tables.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    public void Stress_a_reader_sees_a_whole_prefix(int run)
    {
        var pool = new SlabPool(long.MaxValue);
        for (var round = 0; round < Rounds; round++)
        {
            var generation = new HotGeneration(0, pool, 1);
            var aggregate = new SeriesAggregate { MaxTime = long.MinValue };
            Assert.Null(FirstTornPrefix(run, round, Append, columns => generation.Read(3, long.MinValue, long.MaxValue, columns, out _)));
            generation.Release();

            void Append(int from)
            {
                if (run == 1) generation.Append(3, from, from + round, long.MinValue);
                else generation.AppendColumn(3, [.. Enumerable.Range(from, run).SelectMany(at => new[] { BitConverter.Int64BitsToDouble(at), at + round })], 1, 2, ref aggregate);
                if (from % 100 == 0) generation.Append(4 + (from / 100), from, from, long.MinValue); // A new series: the table grows under the reader.
            }
        }
    }

    /// <summary>The control: a series whose count is published before its samples must be caught by the same check.</summary>
    [Fact]
    public void Stress_control_that_counts_before_it_writes_is_caught()
    {
        const int Run = 200;
        string? torn = null;
        for (var round = 0; round < 50 * Rounds && torn is null; round++)
        {
            var (samples, count) = (new Sample[Samples], 0);
            torn = FirstTornPrefix(Run, 0, Append, Read);

            void Append(int from)
            {
                Volatile.Write(ref count, from + Run);
                for (var at = from; at < from + Run; at++) samples[at] = new Sample(at, at);
            }

            void Read(SeriesColumns columns)
            {
                var end = Volatile.Read(ref count);
                for (var at = 0; at < end; at++) columns.Append(samples[at].Time, samples[at].Value);
            }
        }

        Assert.NotNull(torn);
    }

    /// <summary>The claim: the latest sample is never one that came late: such a one marks its series first, and readers look at the mark last.</summary>
    [Fact]
    public void Stress_the_latest_sample_is_never_a_late_one()
    {
        const int SlotsMax = 10_000;
        var pool = new SlabPool(long.MaxValue);
        HotGeneration[] generations = [.. Enumerable.Range(0, 30).Select(_ => new HotGeneration(0, pool, SlotsMax))];
        Assert.Null(FirstLate(generations.Length * SlotsMax, Append, TryLast));

        void Append(int round, long time) => generations[round / SlotsMax].Append(round % SlotsMax, time, time, long.MinValue);

        long? TryLast(int round) => generations[round / SlotsMax].TryLast(round % SlotsMax, out var last, out _) ? last.Time : null;
    }

    /// <summary>The control: a reader that looks at the mark first must be caught by the same check.</summary>
    [Fact]
    public void Stress_control_that_looks_at_the_mark_first_is_caught()
    {
        const int SeriesMax = 3_000_000;
        var (last, isUnsorted) = (new long[SeriesMax], new bool[SeriesMax]);
        Assert.NotNull(FirstLate(SeriesMax, Append, TryLast));

        void Append(int round, long time)
        {
            if (time < last[round]) Volatile.Write(ref isUnsorted[round], true);
            Volatile.Write(ref last[round], time);
        }

        long? TryLast(int round) => Volatile.Read(ref isUnsorted[round]) || Volatile.Read(ref last[round]) is not (var time and > 0) ? null : time;
    }

    /// <summary>The claim: what a reader holds a reference to is not used again under it, however many generations come and go meanwhile.</summary>
    [Fact]
    public void Stress_a_pinned_generation_keeps_its_samples() => Assert.Null(FirstReused(holdsReference: true));

    /// <summary>The control: a reader without a reference must be caught by the same check.</summary>
    [Fact]
    public void Stress_control_that_holds_no_reference_is_caught() => Assert.NotNull(FirstReused(holdsReference: false));

    /// <summary>
    /// Appends samples of time 0, 1, 2 … in runs while another reads; the first answer that is no prefix, or null. A value is its time and
    /// <paramref name="round"/>: what a slab held in the round before is not taken for it.
    /// </summary>
    private static string? FirstTornPrefix(int run, int round, Action<int> append, Action<SeriesColumns> read)
    {
        string? fault = null;
        var isDone = false;
        var reader = new Thread(() =>
        {
            var columns = new SeriesColumns();
            var seen = 0L;
            for (var isLast = false; !isLast && fault is null;)
            {
                isLast = Volatile.Read(ref isDone);
                columns.Clear();
                read(columns);
                var end = columns.Count == 0 ? 0 : columns.Times[columns.Count - 1] + 1;
                if (end < seen) fault = $"{end} samples after {seen}";
                for (var at = 0; at < columns.Count; at++)
                {
                    if (columns.Times[at] != at || columns.Values[at] != at + round) fault = $"{columns.Times[at]}, {columns.Values[at]} at {at} of {columns.Count}";
                }

                seen = end;
            }

            fault ??= seen == Samples ? null : $"{seen} samples at the end";
        });
        reader.Start();
        for (var from = 0; from < Samples && Volatile.Read(ref fault) is null; from += run) append(from);
        Volatile.Write(ref isDone, true);
        reader.Join();
        return fault;
    }

    /// <summary>In each round a series gets a sample of time 2 and then one of time 1, while another asks for its latest; the first round that shows the late one, or null.</summary>
    private static int? FirstLate(int rounds, Action<int, long> append, Func<int, long?> tryLast)
    {
        var (current, late) = (-1, -1);
        var reader = new Thread(() =>
        {
            for (var round = 0; round < rounds && late < 0; round = Math.Max(0, Volatile.Read(ref current)))
            {
                if (tryLast(round) == 1) Volatile.Write(ref late, round);
            }
        });
        reader.Start();
        for (var round = 0; round < rounds && Volatile.Read(ref late) < 0; round++)
        {
            append(round, 2);
            Volatile.Write(ref current, round);
            Thread.SpinWait(1);
            append(round, 1);
        }

        Volatile.Write(ref current, rounds);
        reader.Join();
        return late < 0 ? null : late;
    }

    /// <summary>A generation of sevens is read while others take and give back slabs; what was read instead of sevens, or null.</summary>
    private static string? FirstReused(bool holdsReference)
    {
        var pool = new SlabPool(long.MaxValue);
        for (var round = 0; round < 2000; round++)
        {
            var generation = Filled(pool, 7);
            if (holdsReference) generation.AddReference();
            var others = new Thread(() =>
            {
                generation.Release();
                Filled(pool, 8).Release();
            });
            others.Start();
            var fault = ReadSevens(generation);
            others.Join();
            if (fault is not null) return fault;
            if (holdsReference) generation.Release();
        }

        return pool.UsedBytes == 0 ? null : $"{pool.UsedBytes} bytes were not given back";
    }

    private static HotGeneration Filled(SlabPool pool, double value)
    {
        var generation = new HotGeneration(0, pool, 1);
        for (var at = 0; at < 500; at++) generation.Append(0, at, value, long.MinValue);
        return generation;
    }

    private static string? ReadSevens(HotGeneration generation)
    {
        var columns = new SeriesColumns();
        for (var read = 0; read < 20; read++)
        {
            columns.Clear();
            try
            {
                generation.Read(0, long.MinValue, long.MaxValue, columns, out _);
            }
            catch (IndexOutOfRangeException fault)
            {
                return fault.Message;
            }

            if (columns.Count != 500 || columns.Values.AsSpan(0, 500).ContainsAnyExcept(7.0)) return $"{columns.Count} samples, {columns.Values[0]} … {columns.Values[^1]}";
        }

        return null;
    }
}
