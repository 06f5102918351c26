using System.Buffers.Binary;
using DataLayer.Ingest.Log;
using DataLayer.Ingest.Records;
using Xunit;

namespace DataLayer.Ingest.Tests.Log;

public sealed class LogRecoveryTests
{
    [Fact]
    public void Run_log_cut_at_every_byte_keeps_exactly_the_whole_records_before()
    {
        var (storage, ends) = OneSegment(commits: 6, recordsPerCommit: 2);
        var file = storage.Files[SegmentName.Of(1)];
        var whole = file.Bytes;
        for (var cut = (int)ends[0]; cut <= ends[^1]; cut++)
        {
            file.Bytes = [.. whole[..cut]];
            using var log = new LogHarness(storage);
            Assert.Equal(ends.Count(end => end <= cut), log.Replayed.Count);
            Assert.Equal(log.Replayed.Count, log.Log.LastLsn);
        }
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(0, false)]
    [InlineData(3, false)]
    public void Run_segment_of_an_older_format_is_read_and_of_a_newer_one_refused(ushort version, bool isRead)
    {
        var (storage, ends) = OneSegment(commits: 3, recordsPerCommit: 2);
        var bytes = storage.Files[SegmentName.Of(1)].Bytes.ToArray();
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(12), version);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Crc32C.Of(bytes.AsSpan(12, SegmentHeader.Bytes - 12)));
        storage.Files[SegmentName.Of(1)].Bytes = [.. bytes];
        if (!isRead)
        {
            Assert.Contains("use the release that wrote it", Assert.Throws<LogException>(() => new LogHarness(storage).Dispose()).Message, StringComparison.Ordinal);
            return;
        }

        using var log = new LogHarness(storage);
        Assert.Equal(ends.Count, log.Replayed.Count);
    }

    [Fact]
    public void Run_log_zeroed_from_every_byte_keeps_exactly_the_whole_records_before()
    {
        var (storage, ends) = OneSegment(commits: 4, recordsPerCommit: 2);
        var file = storage.Files[SegmentName.Of(1)];
        var whole = file.Bytes;
        for (var cut = (int)ends[0]; cut <= ends[^1]; cut++)
        {
            file.Bytes = [.. whole];
            file.Bytes.AsSpan(cut).Clear();
            using var log = new LogHarness(storage);

            // The last bytes of a record may be zeros already.
            Assert.Equal(ends.Count(end => end <= cut || whole.AsSpan(cut, (int)end - cut).IndexOfAnyExcept((byte)0) < 0), log.Replayed.Count);
        }
    }

    [Fact]
    public void Run_cut_inside_the_first_commit_of_a_segment_is_refused()
    {
        var (storage, ends) = OneSegment(commits: 2, recordsPerCommit: 1);
        var file = storage.Files[SegmentName.Of(1)];
        var whole = file.Bytes;
        for (var cut = 0; cut < ends[0]; cut++)
        {
            file.Bytes = [.. whole[..cut]];
            Assert.Throws<LogException>(() => new LogHarness(storage).Dispose());
        }
    }

    [Fact]
    public void Run_bit_flipped_at_every_byte_of_what_was_acked_is_refused()
    {
        // The orderly end is marked, so that even the last commit counts as acked.
        var (storage, ends) = OneSegment(commits: 4, recordsPerCommit: 2);
        var file = storage.Files[SegmentName.Of(1)];
        var whole = file.Bytes;
        for (var at = 0; at < ends[^1]; at++)
        {
            file.Bytes = [.. whole];
            file.Bytes[at] ^= (byte)(1 << (at % 8));
            var refused = Assert.Throws<LogException>(() => new LogHarness(storage).Dispose());
            Assert.Contains(SegmentName.Of(1), refused.Message, StringComparison.Ordinal);
            Assert.Contains("verify --repair", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Run_bit_flipped_at_every_byte_of_an_earlier_segment_is_refused()
    {
        var storage = new MemoryStorage();
        using (var log = new LogHarness(storage)) RecordLogTests.Fill(log, 2);
        var end = 0;
        using (var log = new LogHarness(storage))
        {
            end = (int)log.Recovered.NewestEnd;
            RecordLogTests.Fill(log, 1);
        }

        var file = storage.Files[SegmentName.Of(1)];
        var whole = file.Bytes;
        for (var at = 0; at < end; at++)
        {
            file.Bytes = [.. whole];
            file.Bytes[at] ^= 0x10;
            Assert.Throws<LogException>(() => new LogHarness(storage).Dispose());
        }
    }

    [Fact]
    public void Run_unfinished_commit_with_whole_records_behind_a_torn_one_is_cut()
    {
        var storage = new MemoryStorage();
        using var killed = new LogHarness(storage);
        RecordLogTests.Fill(killed, 3);
        for (var i = 0; i < 3; i++) killed.Append();
        killed.Log.Commit();
        var file = storage.Files[SegmentName.Of(1)];
        var torn = file.Bytes.AsSpan().IndexOf(LogHarness.Filled(5, 3).Bytes);
        file.Bytes[torn + 60] ^= 1;

        using var log = new LogHarness(storage);
        Assert.Equal([1, 2, 3, 4], log.ReplayedLsns);
        Assert.Equal(new TornTail(SegmentName.Of(1), torn, 5, 1), log.Recovered.Torn);

        // The LSNs that were cut are given out again, and the old bytes do not come back.
        log.Append(1);
        log.Log.Commit();
        using var again = new LogHarness(storage);
        Assert.Equal([1, 2, 3, 4, 5], again.ReplayedLsns);
        Assert.Equal(LogHarness.Filled(5, 1).Bytes, again.Replayed[^1].Bytes);
    }

    [Fact]
    public void Run_missing_segment_is_refused_with_its_lsns()
    {
        var storage = new MemoryStorage();
        using (var log = new LogHarness(storage, segmentBytes: 1024)) RecordLogTests.Fill(log, 30);
        var segments = SegmentName.List(storage);
        storage.Delete(SegmentName.Of(segments[2]));
        var refused = Assert.Throws<LogException>(() => new LogHarness(storage).Dispose());
        Assert.Contains($"LSN {segments[2]} to {segments[3] - 1}", refused.Message, StringComparison.Ordinal);

        // The lake has what is missing: no harm.
        using var behind = new LogHarness(storage, afterLsn: segments[3] - 1);
        Assert.Equal(30, behind.Log.LastLsn);
    }

    [Fact]
    public void Run_log_that_starts_after_the_position_is_refused()
    {
        var storage = new MemoryStorage();
        using (var log = new LogHarness(storage, segmentBytes: 1024))
        {
            RecordLogTests.Fill(log, 30);
            log.Log.Release(20);
        }

        var refused = Assert.Throws<LogException>(() => new LogHarness(storage).Dispose());
        Assert.Contains("lacks LSN 1 to", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_empty_folder_goes_on_after_the_lake()
    {
        using var log = new LogHarness(new MemoryStorage(), afterLsn: 99);
        Assert.Equal(99, log.Recovered.LsnsOnlyInLake);
        RecordLogTests.Fill(log, 1);
        Assert.Equal(100, log.Log.DurableLsn);
        Assert.Equal(100, log.Log.OldestLsn);
    }

    [Fact]
    public void Run_definitions_lost_is_refused_when_batches_of_agents_are_in_the_log()
    {
        var storage = new MemoryStorage();
        using (var log = new LogHarness(storage))
        {
            log.Append(1, log.Agents.GetOrAdd("a"), 1);
            log.Log.Commit();
        }

        storage.Delete(DefinitionsFormat.FileName);
        var refused = Assert.Throws<LogException>(() => new LogHarness(storage).Dispose());
        Assert.Contains("definitions", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, 0, true)]
    [InlineData(40, 0, true)]
    [InlineData(3, 4, true)]
    [InlineData(3, 2, false)]
    public void Run_records_of_series_that_are_not_defined_are_refused(int samples, int rowSeries, bool isRefused)
    {
        var storage = new MemoryStorage();
        using (var log = new LogHarness(storage))
        {
            for (var i = 0; i < (isRefused ? Math.Max(samples - 1, 3) : 3); i++) log.Define($"s{i}");
            log.Append(samples, schema: log.NewSchema(rowSeries));
            log.Log.Commit();
        }

        if (isRefused && samples == 2) storage.Delete(DefinitionsFormat.FileName);
        if (isRefused) Assert.Contains("has samples of series", Assert.Throws<LogException>(() => new LogHarness(storage, checksSeries: true).Dispose()).Message, StringComparison.Ordinal);
        else new LogHarness(storage, checksSeries: true).Dispose();
    }

    /// <summary>A segment of records, and where each of them ends.</summary>
    private static (MemoryStorage Storage, List<long> Ends) OneSegment(int commits, int recordsPerCommit)
    {
        var storage = new MemoryStorage();
        var written = new List<byte[]>();
        using (var log = new LogHarness(storage))
        {
            var schema = log.NewSchema(1, 2);
            for (var commit = 0; commit < commits; commit++)
            {
                for (var i = 0; i < recordsPerCommit; i++) written.Add(log.Append(1 + i, schema: i == 0 ? schema : null).Bytes.ToArray());
                log.Log.Commit();
            }
        }

        var bytes = storage.Files[SegmentName.Of(1)].Bytes;
        var ends = written.ConvertAll(record => (long)bytes.AsSpan().IndexOf(record) + record.Length);

        // The file is cut to what is used: the tests go through all of it.
        storage.Files[SegmentName.Of(1)].Bytes = bytes[..((int)ends[^1] + LogRecord.CommitBytes)];
        return (storage, ends);
    }
}
