using DataLayer.Ingest.Log;
using Xunit;

namespace DataLayer.Ingest.Tests.Log;

public sealed class RecordLogFaultTests
{
    [Fact]
    public void Commit_flush_fails_nothing_is_durable_and_the_retry_goes_to_a_new_segment()
    {
        var storage = new MemoryStorage();
        using var log = new LogHarness(storage);
        RecordLogTests.Fill(log, 2);
        log.Append();
        FailNext(storage, "sync", LogIoException.InputOutput);
        var refused = Assert.Throws<LogException>(log.Log.Commit);
        Assert.Contains("check it and the kernel's log", refused.Message, StringComparison.Ordinal);
        Assert.Equal(2, log.Log.DurableLsn);

        log.Append();
        log.Log.Commit();
        Assert.Equal(4, log.Log.DurableLsn);
        Assert.Equal([1, 3], SegmentName.List(storage));
        storage.Crash(new Random(5));
        using var again = new LogHarness(storage);
        Assert.Equal([1, 2, 3, 4], again.ReplayedLsns);
    }

    [Theory]
    [InlineData("create")]
    [InlineData("write")]
    [InlineData("sync")]
    [InlineData("rename")]
    [InlineData("sync folder")]
    public void Commit_first_of_a_segment_fails_at_any_step_and_the_retry_works(string operation)
    {
        var storage = new MemoryStorage();
        using var log = new LogHarness(storage, segmentBytes: 1024);
        var schema = log.NewSchema(1, 2);
        for (var i = 0; i < 30; i++)
        {
            log.Append(1, log.Agents.GetOrAdd("a"), i + 1, schema);
            if (i % 3 == 1) FailNext(storage, operation, LogIoException.NoSpace);
            try
            {
                log.Log.Commit();
            }
            catch (LogException e)
            {
                Assert.Contains("free space", e.Message, StringComparison.Ordinal);
                log.Log.Commit();
            }

            storage.Fault = null;
            Assert.Equal(i + 1, log.Log.DurableLsn);
        }

        storage.Crash(new Random(3));
        using var again = new LogHarness(storage);
        Assert.Equal(30, again.Replayed.Count);
        Assert.All(again.Replayed, record => Assert.Equal([1, 2], record.RowSeries));
        Assert.Equal(30, again.Agents.GetOrAdd("a").AdmittedSeq);
    }

    [Fact]
    public void Commit_refused_for_long_leaves_no_files_behind()
    {
        var storage = new MemoryStorage();
        using var log = new LogHarness(storage, segmentBytes: 1024);
        RecordLogTests.Fill(log, 20);
        var files = storage.Files.Count;
        storage.Fault = (operation, name) =>
        {
            if (operation is "sync") throw MemoryStorage.Refuse(operation, name, LogIoException.NoSpace);
        };
        for (var i = 0; i < 20; i++)
        {
            log.Append();
            Assert.Throws<LogException>(log.Log.Commit);
        }

        Assert.Equal(files, storage.Files.Count);
        storage.Fault = null;
        log.Log.Commit();
        Assert.Equal(40, log.Log.DurableLsn);
    }

    [Fact]
    public void Agents_record_of_a_segment_does_not_know_batches_that_are_not_durable()
    {
        // One commit over two segments; the second part is lost. Its batch must not count as stored.
        var storage = new MemoryStorage();
        using var log = new LogHarness(storage, segmentBytes: 1024);
        var agent = log.Agents.GetOrAdd("a");
        log.Append(20, agent, 1);
        log.Append(20, agent, 2);
        log.Append(20, agent, 3);
        log.Log.Commit();
        var newest = SegmentName.List(storage)[^1];
        Assert.Equal(3, newest);
        storage.Delete(SegmentName.Of(newest));
        using var again = new LogHarness(storage);
        Assert.Equal(2, again.Agents.GetOrAdd("a").AdmittedSeq);
    }

    private static void FailNext(MemoryStorage storage, string operation, int errno)
    {
        var failed = false;
        storage.Fault = (what, name) =>
        {
            if (failed || what != operation) return;
            failed = true;
            throw MemoryStorage.Refuse(what, name, errno);
        };
    }
}
