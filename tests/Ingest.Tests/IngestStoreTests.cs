using DataLayer.Ingest.Records;
using DataLayer.Protocol;
using Xunit;
using Record = DataLayer.Ingest.Records.Record;

namespace DataLayer.Ingest.Tests;

public sealed class IngestStoreTests : IDisposable
{
    private readonly IngestOptions _options = new() { DataDirectory = Directory.CreateTempSubdirectory("store").FullName, Shards = 2, SegmentBytes = 1 << 20 };

    [Fact]
    public async Task Start_after_a_stop_replays_what_the_lake_does_not_hold()
    {
        var first = IngestStore.Load(_options);
        await using (var pipeline = first.Start(0, [], TimeProvider.System))
        {
            var added = 0;
            for (var i = 0; i < 3; i++) first.Registry.GetOrAdd(SeriesKey.Of($"s{i}"), ref added, 10, out _);
            var schema = pipeline.CreateSchema([0, 2]);
            var agent = first.Agents.GetOrAdd("agent-1");
            await PublishAsync(pipeline, agent.Number, 7, record =>
            {
                record.AddSample(1, 10, 1.5, 0.25f);
                record.AddRow(schema, 20, [.. BitConverter.GetBytes(2.0), .. BitConverter.GetBytes(3.0)], 2);
            });
            await PublishAsync(pipeline, agent.Number, 8, record => record.AddSample(0, 30, 4));
        }

        var second = IngestStore.Load(_options);
        await using var again = second.Start(1, [25, 30, 35], TimeProvider.System);
        Assert.Equal(3, second.Registry.Count);
        Assert.Equal(("agent-1", 8L), (second.Agents.GetOrAdd("agent-1").Name, second.Agents.GetOrAdd("agent-1").AdmittedSeq));
        Assert.Equal(2, again.DurableLsn);
        Assert.Equal(2, again.AppliedLsn);
        using var hot = again.AcquireHot();
        var columns = new SeriesColumns();
        hot.Read(0, 0, 100, columns);
        Assert.Equal((1, 30L, 25L), (columns.Count, columns.Times[0], columns.BaseTime)); // LSN 1 is in the lake.
        Assert.Equal(3, await PublishAsync(again, 0, 0, record => record.AddSample(2, 40, 5)));
    }

    [Fact]
    public async Task Start_from_nothing_replays_all()
    {
        var first = IngestStore.Load(_options);
        var added = 0;
        await using (var pipeline = first.Start(0, [], TimeProvider.System))
        {
            first.Registry.GetOrAdd(SeriesKey.Of("s"), ref added, 10, out _);
            for (var i = 0; i < 1000; i++) await PublishAsync(pipeline, 0, 0, record => record.AddSample(0, i, i));
        }

        await using var again = IngestStore.Load(_options).Start(0, [], TimeProvider.System);
        using var hot = again.AcquireHot();
        var columns = new SeriesColumns();
        hot.Read(0, 0, 5000, columns);
        Assert.Equal(1000, columns.Count);
        Assert.Equal(long.MinValue, columns.BaseTime);
    }

    [Fact]
    public async Task Start_replays_events_and_a_seal_hands_them_over()
    {
        var first = IngestStore.Load(_options);
        await using (var pipeline = first.Start(0, [], TimeProvider.System))
        {
            await PublishAsync(pipeline, 0, 0, record => AddEvent(record, "e1"));
            var sealing = await pipeline.SealAsync(CancellationToken.None);
            Assert.Equal(["e1"], IdsOf(sealing!.EventSections));
            pipeline.Drop(sealing);
            Assert.Equal((0L, 0L), (pipeline.HotEvents.Events, pipeline.HotBytes));
            await PublishAsync(pipeline, 0, 0, record =>
            {
                AddEvent(record, "e2");
                AddEvent(record, "e3");
            });
            Assert.Equal((3L, 3L), (pipeline.PublishedEvents, pipeline.StoredEvents));
            Assert.True(pipeline.HotBytes > 0);
        }

        await using var again = IngestStore.Load(_options).Start(2, [], TimeProvider.System);
        using var hot = again.AcquireHot();
        Assert.Equal(["e2", "e3"], IdsOf(hot.EventSections()));
        Assert.Equal(2, hot.EventCount);
    }

    public void Dispose() => Directory.Delete(_options.DataDirectory, recursive: true);

    private static void AddEvent(Record record, string id) => record.AddEvent(5, System.Text.Encoding.UTF8.GetBytes(id), "type"u8, "source"u8, [0x80]);

    private static List<string> IdsOf(IReadOnlyList<ReadOnlyMemory<byte>> sections)
    {
        var ids = new List<string>();
        foreach (var section in sections)
        {
            var events = new RecordEvents(section.Span);
            while (events.MoveNext()) ids.Add(System.Text.Encoding.UTF8.GetString(events.Id));
        }

        return ids;
    }

    private static async Task<long> PublishAsync(IngestPipeline pipeline, int agent, long seq, Action<Record> fill)
    {
        var record = pipeline.Rent();
        fill(record);
        record.Complete(agent, seq, 1);
        Assert.True(pipeline.TryPublish(record, out var lsn));
        await new LsnWait(pipeline).UntilAsync(lsn, CancellationToken.None);
        return lsn;
    }
}
