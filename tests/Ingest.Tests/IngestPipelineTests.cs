using CsCheck;
using DataLayer.Ingest.Records;
using Xunit;

namespace DataLayer.Ingest.Tests;

public sealed class IngestPipelineTests
{
    [Fact]
    public async Task Publish_samples_are_visible_and_stored()
    {
        await using var fixture = new PipelineFixture();
        var lsn = await fixture.PublishAsync(record =>
        {
            record.AddSample(0, 10, 1.5);
            record.AddSample(1, 10, 2.5, 0.5f);
            record.AddSample(0, 20, 3.5);
        });
        await fixture.SettleAsync(lsn);

        var first = fixture.ReadAll(0);
        Assert.Equal([10L, 20L], first.Times[..first.Count]);
        Assert.Equal([1.5, 3.5], first.Values[..first.Count]);
        Assert.Null(first.Qualities);
        var second = fixture.ReadAll(1);
        Assert.Equal([0.5f], second.Qualities![..second.Count]);
        Assert.Equal(3, fixture.Pipeline.StoredSamples);
        Assert.Equal(3, fixture.Pipeline.PublishedSamples);
        Assert.Equal(0, fixture.Pipeline.InFlightBytes);
    }

    [Fact]
    public async Task Publish_rows_skip_no_sample_and_refused_columns()
    {
        await using var fixture = new PipelineFixture();
        var schema = fixture.Pipeline.CreateSchema([0, -1, 2, 3]);
        var lsn = await fixture.PublishAsync(record =>
        {
            record.AddRow(schema, 100, Row(1, 2, 3, 4), 3);
            record.AddRow(schema, 200, Row(5, 6, BitConverter.Int64BitsToDouble(RecordLayout.NoSampleBits), 8), 2);
        });
        await fixture.SettleAsync(lsn);

        Assert.Equal(2, fixture.ReadAll(0).Count);
        Assert.Equal(0, fixture.ReadAll(1).Count);
        Assert.Equal([100L], fixture.ReadAll(2).Times[..1]);
        Assert.Equal(1, fixture.ReadAll(2).Count);
        Assert.Equal([4.0, 8.0], fixture.ReadAll(3).Values[..2]);
        Assert.Equal(5, fixture.Pipeline.HotSamples);
    }

    [Fact]
    public async Task Latest_out_of_order_is_the_greatest_time()
    {
        await using var fixture = new PipelineFixture();
        await fixture.SettleAsync(await fixture.PublishAsync(record =>
        {
            record.AddSample(0, 30, 3);
            record.AddSample(0, 10, 1);
            record.AddSample(1, 5, 7);
        }));
        using var hot = fixture.Pipeline.AcquireHot();
        Assert.True(hot.TryLatest(0, out var time, out var value));
        Assert.Equal((30L, 3.0), (time, value));
        Assert.True(hot.TryLatest(1, out time, out value));
        Assert.Equal((5L, 7.0), (time, value));
        Assert.False(hot.TryLatest(2, out _, out _));
        Assert.False(hot.MayReplaceStored);
    }

    [Fact]
    public async Task Aggregate_counts_arrivals()
    {
        await using var fixture = new PipelineFixture();
        await fixture.SettleAsync(await fixture.PublishAsync(record =>
        {
            record.AddSample(0, 30, 3);
            record.AddSample(0, 10, -1);
            record.AddSample(0, 40, double.NaN);
        }));
        Assert.True(fixture.Pipeline.TryGetAggregate(0, out var aggregate));
        Assert.Equal(new DataLayer.Ingest.Shards.RunningAggregate(2, 2, -1, 3, 30, 3), aggregate);
        Assert.False(fixture.Pipeline.TryGetAggregate(1, out _));
    }

    [Fact]
    public async Task Seal_late_samples_set_BaseTime_and_MayReplaceStored()
    {
        await using var fixture = new PipelineFixture(known: "a");
        await fixture.SettleAsync(await fixture.PublishAsync(record => record.AddSample(0, 100, 1)));
        var sealed1 = await fixture.Pipeline.SealAsync(CancellationToken.None);
        Assert.NotNull(sealed1);
        Assert.Equal((0L, 1L, 1L), (sealed1.AfterLsn, sealed1.EndLsn, sealed1.SampleCount));
        var columns = new SeriesColumns();
        Assert.True(sealed1.TryNext(columns));
        Assert.Equal((0, 1, long.MinValue), (columns.Series, columns.Count, columns.BaseTime));
        Assert.False(sealed1.TryNext(columns));
        fixture.Pipeline.Drop(sealed1);

        await fixture.SettleAsync(await fixture.PublishAsync(record => record.AddSample(0, 100, 2)));
        using var hot = fixture.Pipeline.AcquireHot();
        Assert.True(hot.MayReplaceStored);
        columns.Clear();
        hot.Read(0, 0, 1000, columns);
        Assert.Equal((1, 100L, 2.0), (columns.Count, columns.BaseTime, columns.Values[0]));
        var sealed2 = await fixture.Pipeline.SealAsync(CancellationToken.None);
        Assert.Equal((1L, 3L), (sealed2!.AfterLsn, sealed2.EndLsn));
    }

    [Fact]
    public async Task Seal_gives_series_metric_by_metric_and_splits_in_that_order()
    {
        await using var fixture = new PipelineFixture(null, "a", "b", "a", "c", "b", "a");
        var lsn = 0L;
        for (var series = 5; series >= 0; series--) lsn = await fixture.PublishAsync(record => record.AddSample(series, 100 + series, series));
        await fixture.SettleAsync(lsn);
        var generation = (await fixture.Pipeline.SealAsync(CancellationToken.None))!;
        Assert.Equal([0, 2, 5, 1, 4, 3], SeriesOf(generation));
        Assert.Equal([0, 2, 5, 1, 4, 3], generation.Split(3).SelectMany(SeriesOf));
    }

    private static List<int> SeriesOf(ISampleSource source)
    {
        var (series, columns) = (new List<int>(), new SeriesColumns());
        while (source.TryNext(columns)) series.Add(columns.Series);
        return series;
    }

    [Fact]
    public async Task Seal_nothing_new_is_null()
    {
        await using var fixture = new PipelineFixture();
        Assert.Null(await fixture.Pipeline.SealAsync(CancellationToken.None));
    }

    [Fact]
    public async Task DropUpTo_leaves_each_sample_once_while_a_flush_is_under_way()
    {
        await using var fixture = new PipelineFixture();
        await fixture.SettleAsync(await fixture.PublishAsync(record => record.AddSample(0, 1, 1)));
        using var hot = fixture.Pipeline.AcquireHot();
        var generation = await fixture.Pipeline.SealAsync(CancellationToken.None);
        fixture.Pipeline.Drop(generation!);
        await fixture.SettleAsync(await fixture.PublishAsync(record => record.AddSample(0, 2, 2)));
        var columns = new SeriesColumns();
        hot.Read(0, 0, 10, columns);
        Assert.Equal(1, columns.Count); // Still pinned.
        hot.DropUpTo(generation!.EndLsn);
        columns.Clear();
        hot.Read(0, 0, 10, columns);
        Assert.Equal(0, columns.Count);
        Assert.Equal(1, fixture.ReadAll(0).Count);
    }

    [Fact]
    public async Task Commit_storage_refuses_nothing_is_stored_until_it_recovers()
    {
        await using var fixture = new PipelineFixture();
        fixture.Log.Fails = true;
        var lsn = await fixture.PublishAsync(record => record.AddSample(0, 1, 1));
        while (fixture.Pipeline.Admission != Admission.StorageFull) await Task.Yield();
        Assert.Equal(0, fixture.Pipeline.DurableLsn);
        Assert.Equal(0, fixture.Pipeline.StoredSamples);
        fixture.Log.Fails = false;
        await fixture.SettleAsync(lsn);
        Assert.Equal(1, fixture.Pipeline.StoredSamples);
        Assert.Equal(Admission.Open, fixture.Pipeline.Admission);
    }

    [Fact]
    public async Task Drop_while_a_query_reads_wakes_senders_when_the_query_is_done()
    {
        await using var fixture = new PipelineFixture(new IngestOptions { Shards = 1, RingSlots = 64, HotBytesMax = 1 });
        await fixture.SettleAsync(await fixture.PublishAsync(record => record.AddSample(0, 1, 1)));
        var query = fixture.Pipeline.AcquireHot();
        var sealedOne = await fixture.Pipeline.SealAsync(CancellationToken.None);
        fixture.Pipeline.Drop(sealedOne!);
        var waiting = fixture.Pipeline.WaitForCapacityAsync(CancellationToken.None).AsTask();
        Assert.False(waiting.IsCompleted);
        query.Dispose();
        await waiting.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Publish_ring_full_waits_and_loses_nothing()
    {
        await using var fixture = new PipelineFixture(new IngestOptions { Shards = 3, RingSlots = 64, InFlightBytesMax = 4096 });
        var senders = Enumerable.Range(0, 4).Select(sender => Task.Run(async () =>
        {
            var lsn = 0L;
            for (var i = 0; i < 2000; i++) lsn = await fixture.PublishAsync(record => record.AddSample(sender, i, i));
            await fixture.SettleAsync(lsn);
        }));
        await Task.WhenAll(senders);
        Assert.Equal(8000, fixture.Pipeline.StoredSamples);
        for (var sender = 0; sender < 4; sender++)
        {
            var columns = fixture.ReadAll(sender);
            Assert.Equal(Enumerable.Range(0, 2000).Select(i => (long)i), columns.Times[..columns.Count]);
        }
    }

    [Fact]
    public void Hot_store_any_order_and_seals_equals_a_model() =>
        Gen.Select(Gen.Int[0, 5], Gen.Long[0, 60], Gen.Double[-10, 10], Gen.Float[0, 1], Gen.Int[0, 20]).Array[1, 200].Sample(
            operations => Task.Run(() => CheckAgainstModel(operations)).GetAwaiter().GetResult(), iter: 60, threads: 1);

    [Fact]
    public async Task WhenDurable_alreadyReached_tells_once_and_keeps_nobody()
    {
        await using var fixture = new PipelineFixture();
        var target = new CountingTarget();
        for (var i = 0; i < 100; i++)
        {
            fixture.Pipeline.WhenDurable(target, 0);
            fixture.Pipeline.WhenApplied(target, 0);
        }

        Assert.Equal(200, target.Told);
        await fixture.SettleAsync(await fixture.PublishAsync(record => record.AddSample(0, 1, 1)));
        Assert.Equal(200, target.Told);
    }

    [Fact]
    public async Task TryReserve_takes_at_most_half_of_what_may_be_in_flight_and_one_more()
    {
        await using var fixture = new PipelineFixture(new IngestOptions { Shards = 1, RingSlots = 64, InFlightBytesMax = 1000 });
        Assert.True(fixture.Pipeline.TryReserve(500));
        Assert.True(fixture.Pipeline.TryReserve(400));
        Assert.False(fixture.Pipeline.TryReserve(1));
        var wait = fixture.Pipeline.WaitForReserveAsync(CancellationToken.None).AsTask();
        Assert.False(wait.IsCompleted);
        Assert.True(fixture.Pipeline.WaitForCapacityAsync(CancellationToken.None).AsTask().IsCompleted);
        fixture.Pipeline.Release(500);
        await wait;
        Assert.True(fixture.Pipeline.TryReserve(1));
    }

    [Fact]
    public async Task TryPublish_nearly_full_hot_store_takes_small_records_only()
    {
        await using var fixture = new PipelineFixture(new IngestOptions { Shards = 1, RingSlots = 64, HotBytesMax = 8 << 20 });
        while (fixture.Pipeline.HotBytes < 7 << 20) await fixture.SettleAsync(await fixture.PublishAsync(record => Fill(record, 20_000)));
        var large = fixture.Pipeline.Rent();
        Fill(large, 20_000);
        large.Complete(0, 0, 1);
        Assert.False(fixture.Pipeline.TryPublish(large, out _));
        Assert.False(fixture.Pipeline.HasCapacity);
        Assert.True(fixture.Pipeline.IsHotHalfFull);
        fixture.Pipeline.Return(large);
        var small = fixture.Pipeline.Rent();
        Fill(small, 10);
        small.Complete(0, 0, 1);
        Assert.True(fixture.Pipeline.TryPublish(small, out var lsn));
        await fixture.SettleAsync(lsn);

        static void Fill(Records.Record record, int samples)
        {
            for (var i = 0; i < samples; i++) record.AddSample(0, i, i);
        }
    }

    private static async Task CheckAgainstModel((int Series, long Time, double Value, float Quality, int Action)[] operations)
    {
        await using var fixture = new PipelineFixture();
        var model = new Dictionary<(int, long), (double, float)>();
        foreach (var (series, time, value, quality, action) in operations)
        {
            var shown = action % 3 == 0 ? quality : 1f;
            await fixture.SettleAsync(await fixture.PublishAsync(record => record.AddSample(series, time, value, shown)));
            model[(series, time)] = (value, shown);
            if (action == 20) await fixture.Pipeline.SealAsync(CancellationToken.None);
        }

        using var hot = fixture.Pipeline.AcquireHot();
        for (var series = 0; series <= 5; series++)
        {
            var columns = new SeriesColumns();
            hot.Read(series, 10, 50, columns);
            var expected = model.Where(pair => pair.Key.Item1 == series && pair.Key.Item2 is >= 10 and < 50).OrderBy(pair => pair.Key.Item2).ToArray();
            Assert.Equal(expected.Select(pair => pair.Key.Item2), columns.Times[..columns.Count]);
            Assert.Equal(expected.Select(pair => pair.Value.Item1), columns.Values[..columns.Count]);
            Assert.Equal(expected.Select(pair => pair.Value.Item2), Enumerable.Range(0, columns.Count).Select(i => columns.Qualities?[i] ?? 1f));
        }
    }

    private static byte[] Row(params double[] values) => [.. values.SelectMany(BitConverter.GetBytes)];

    private sealed class CountingTarget : IAckTarget
    {
        public int Told { get; private set; }

        public void OnDurable(long lsn) => Told++;

        public void OnApplied(long lsn) => Told++;
    }
}
