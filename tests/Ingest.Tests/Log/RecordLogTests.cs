using DataLayer.Ingest.Log;
using Xunit;

namespace DataLayer.Ingest.Tests.Log;

public sealed class RecordLogTests
{
    [Fact]
    public void Commit_records_come_back_with_their_bytes_and_schemas()
    {
        var storage = new MemoryStorage();
        var written = new List<byte[]>();
        using (var log = new LogHarness(storage))
        {
            var agent = log.Agents.GetOrAdd("host-1");
            var schema = log.NewSchema(log.Define("a"), -1, log.Define("b"));
            for (var i = 1; i <= 5; i++)
            {
                written.Add(log.Append(i, agent, i, i % 2 == 0 ? schema : null).Bytes.ToArray());
                if (i != 3) log.Log.Commit();
            }

            Assert.Equal(5, log.Log.DurableLsn);
        }

        using var again = new LogHarness(storage);
        Assert.Equal(written, again.Replayed.ConvertAll(record => record.Bytes));
        Assert.Equal([0, -1, 1], again.Replayed[1].RowSeries);
        Assert.Equal(["a", "b"], again.Series);
        Assert.Equal(5, again.Agents.GetOrAdd("host-1").AdmittedSeq);
        Assert.Equal(5, again.Agents.GetOrAdd("host-1").AdmittedLsn);
        Assert.Equal(5, again.Log.LastLsn);
        Assert.Null(again.Recovered.Torn);
    }

    [Fact]
    public void Open_after_a_position_replays_only_what_follows()
    {
        var storage = new MemoryStorage();
        using (var log = new LogHarness(storage, segmentBytes: 1024)) Fill(log, 40);
        using var again = new LogHarness(storage, afterLsn: 25);
        Assert.Equal(Enumerable.Range(26, 15).Select(lsn => (long)lsn), again.ReplayedLsns);
    }

    [Fact]
    public void Commit_over_many_segments_declares_schemas_in_each()
    {
        var storage = new MemoryStorage();
        using (var log = new LogHarness(storage, segmentBytes: 1024))
        {
            var schema = log.NewSchema(3, 2, 1);
            for (var i = 0; i < 50; i++) log.Append(1, schema: schema);
            log.Log.Commit();
            Assert.True(log.Log.SegmentCount > 5);
        }

        using var again = new LogHarness(storage);
        Assert.Equal(50, again.Replayed.Count);
        Assert.All(again.Replayed, record => Assert.Equal([3, 2, 1], record.RowSeries));
    }

    [Fact]
    public void Commit_record_larger_than_a_segment_gets_its_own()
    {
        var storage = new MemoryStorage();
        using (var log = new LogHarness(storage, segmentBytes: 1024))
        {
            log.Append(2);
            log.Append(10_000);
            log.Append(2);
            log.Log.Commit();
            Assert.Equal(3, log.Log.SegmentCount);
        }

        using var again = new LogHarness(storage);
        Assert.Equal([1, 2, 3], again.ReplayedLsns);
    }

    [Fact]
    public void Release_keeps_what_is_after_the_position_and_the_newest_segment()
    {
        var storage = new MemoryStorage();
        using var log = new LogHarness(storage, segmentBytes: 1024);
        Fill(log, 40);
        var bytes = log.Log.BytesOnDisk;
        log.Log.Release(20);
        Assert.InRange(log.Log.OldestLsn, 2, 21);
        Assert.True(log.Log.BytesOnDisk < bytes);
        log.Log.Release(1_000);
        Assert.Equal(1, log.Log.SegmentCount);
        Assert.InRange(log.Log.OldestLsn, 2, 40);
    }

    [Fact]
    public void Release_recycles_files_and_old_bytes_are_not_taken_for_new_ones()
    {
        var storage = new MemoryStorage();
        using (var log = new LogHarness(storage, segmentBytes: 2048))
        {
            for (var round = 0; round < 20; round++)
            {
                Fill(log, 30);
                log.Log.Release(log.Log.DurableLsn);
            }

            Assert.True(log.Log.SpareBytes > 0);
            log.Append();
            log.Log.Commit();

            // Killed, not closed.
            using var again = new LogHarness(storage, afterLsn: 600);
            Assert.Equal([601], again.ReplayedLsns);
            Assert.Null(again.Recovered.Torn);
        }
    }

    [Fact]
    public void Open_after_release_knows_the_sequences_of_agents_whose_records_are_gone()
    {
        var storage = new MemoryStorage();
        using (var log = new LogHarness(storage, segmentBytes: 1024))
        {
            log.Append(1, log.Agents.GetOrAdd("early"), 77);
            Fill(log, 40);
            log.Log.Release(log.Log.DurableLsn);
        }

        using var again = new LogHarness(storage, afterLsn: 41);
        Assert.Empty(again.Replayed);
        Assert.Equal(77, again.Agents.GetOrAdd("early").AdmittedSeq);
    }

    [Fact]
    public void Open_many_runs_each_adds_a_segment()
    {
        var storage = new MemoryStorage();
        for (var run = 1; run <= 5; run++)
        {
            using var log = new LogHarness(storage);
            Assert.Equal(3 * (run - 1), log.Replayed.Count);
            Fill(log, 3);
            Assert.Equal(run, log.Log.SegmentCount);
        }
    }

    [Fact]
    public void Append_out_of_order_is_refused()
    {
        using var log = new LogHarness(new MemoryStorage());
        Assert.Throws<InvalidOperationException>(() => log.Log.Append(LogHarness.Filled(2, 1)));
    }

    [Fact]
    public void Append_and_commit_allocate_nothing()
    {
        var folder = Directory.CreateTempSubdirectory("datalayer-log-");
        try
        {
            using var log = new LogHarness(new DiskStorage(folder.FullName), segmentBytes: 8 << 20);
            var schema = log.NewSchema(1, 2, 3);
            var records = Enumerable.Range(1, 300).Select(lsn => LogHarness.Filled(lsn, lsn % 100 == 0 ? 5_000 : 10, schema: schema)).ToArray();
            var allocated = new List<long>();
            for (var i = 0; i < records.Length; i += 3)
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                for (var k = 0; k < 3; k++) log.Log.Append(records[i + k]);
                log.Log.Commit();
                allocated.Add(GC.GetAllocatedBytesForCurrentThread() - before);
            }

            // The first commit starts the segment. A collection on another thread in between shows as the unused rest of an allocation block: seldom.
            Assert.Equal(1, log.Log.SegmentCount);
            Assert.InRange(allocated.Skip(10).Count(bytes => bytes > 0), 0, 5);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    internal static void Fill(LogHarness log, int records)
    {
        for (var i = 0; i < records; i++)
        {
            log.Append();
            log.Log.Commit();
        }
    }
}
