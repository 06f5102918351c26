using DataLayer.Ingest.Log;
using Xunit;
using Record = DataLayer.Ingest.Records.Record;

namespace DataLayer.Ingest.Tests.Log;

public sealed class LogReaderTests
{
    private readonly Record _record = new(64);

    [Fact]
    public void TryRead_follows_a_log_that_is_being_written()
    {
        var storage = new MemoryStorage();
        using var log = new LogHarness(storage, segmentBytes: 2048);
        using var reader = new LogReader(storage, 0, () => log.Log.DurableLsn);
        Assert.False(reader.TryRead(_record));
        var schema = log.NewSchema(5, -1, 7);
        for (var lsn = 1; lsn <= 200; lsn++)
        {
            var written = log.Append(lsn % 50, schema: lsn % 3 == 0 ? schema : null).Bytes.ToArray();
            Assert.False(reader.TryRead(_record));
            log.Log.Commit();
            Assert.True(reader.TryRead(_record));
            Assert.Equal(written, _record.Bytes.ToArray());
            Assert.Equal(lsn, reader.Position);
            if (lsn % 3 == 0) Assert.Equal([5, -1, 7], _record.Schemas[0].Series);
        }

        Assert.False(reader.TryRead(_record));
    }

    [Fact]
    public void TryRead_from_every_position_gives_the_rest()
    {
        var storage = new MemoryStorage();
        using (var log = new LogHarness(storage, segmentBytes: 1024)) RecordLogTests.Fill(log, 30);
        for (var position = 0; position <= 30; position++)
        {
            using var reader = new LogReader(storage, position, () => long.MaxValue);
            for (var lsn = position + 1; lsn <= 30; lsn++)
            {
                Assert.True(reader.TryRead(_record));
                Assert.Equal(lsn, _record.Lsn);
            }

            Assert.False(reader.TryRead(_record));
        }
    }

    [Fact]
    public void TryRead_sees_what_a_failed_commit_wrote_only_once_it_is_durable()
    {
        var storage = new MemoryStorage();
        using var log = new LogHarness(storage);
        using var reader = new LogReader(storage, 0, () => log.Log.DurableLsn);
        RecordLogTests.Fill(log, 1);
        Assert.True(reader.TryRead(_record));
        log.Append();
        storage.Fault = (operation, name) =>
        {
            if (operation == "sync") throw MemoryStorage.Refuse(operation, name, LogIoException.InputOutput);
        };
        Assert.Throws<LogException>(log.Log.Commit);
        Assert.False(reader.TryRead(_record));
        storage.Fault = null;
        log.Append();
        log.Log.Commit();
        Assert.True(reader.TryRead(_record));
        Assert.True(reader.TryRead(_record));
        Assert.Equal(3, _record.Lsn);
    }

    [Fact]
    public void TryRead_position_released_says_so()
    {
        var storage = new MemoryStorage();
        using var log = new LogHarness(storage, segmentBytes: 1024);
        using var early = new LogReader(storage, 0, () => log.Log.DurableLsn);
        RecordLogTests.Fill(log, 60);
        Assert.True(early.TryRead(_record));
        for (var round = 0; round < 3; round++)
        {
            log.Log.Release(log.Log.DurableLsn);
            RecordLogTests.Fill(log, 30);
        }

        using var late = new LogReader(storage, 0, () => log.Log.DurableLsn);
        foreach (var reader in new[] { early, late })
        {
            var refused = Assert.Throws<LogException>(() =>
            {
                while (reader.TryRead(_record)) Assert.InRange(_record.Lsn, 1, 60);
            });
            Assert.Contains("no longer in the log", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void TryRead_damage_is_refused()
    {
        var storage = new MemoryStorage();
        using var log = new LogHarness(storage);
        RecordLogTests.Fill(log, 10);
        var bytes = storage.Files[SegmentName.Of(1)].Bytes;
        bytes[bytes.AsSpan().IndexOf(LogHarness.Filled(5, 3).Bytes) + 50] ^= 1;
        using var reader = new LogReader(storage, 0, () => log.Log.DurableLsn);
        for (var i = 0; i < 4; i++) Assert.True(reader.TryRead(_record));
        Assert.Throws<LogException>(() => reader.TryRead(_record));
    }
}
