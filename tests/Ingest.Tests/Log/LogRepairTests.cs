using CsCheck;
using DataLayer.Ingest.Log;
using Xunit;

namespace DataLayer.Ingest.Tests.Log;

public sealed class LogRepairTests
{
    [Fact]
    public void Verify_sound_log_counts_it()
    {
        var storage = Written(30);
        var found = LogVerifier.Run(storage);
        Assert.Empty(found.Findings);
        Assert.True(found.IsSound);
        Assert.Equal((30, 1, 30), (found.Records, found.FirstLsn, found.LastLsn));
        Assert.Equal((10, 1), (found.Series, found.Agents));
    }

    [Fact]
    public void Verify_torn_tail_is_no_damage()
    {
        var storage = new MemoryStorage();
        using var killed = new LogHarness(storage);
        for (var i = 0; i < 3; i++) killed.Define($"s{i}");
        RecordLogTests.Fill(killed, 3);
        var bytes = storage.Files[SegmentName.Of(1)].Bytes;
        bytes[bytes.AsSpan().IndexOf(LogHarness.Filled(3, 3).Bytes) + 50] ^= 1;
        var found = LogVerifier.Run(storage);
        Assert.True(found.IsSound);
        Assert.Equal(3, Assert.Single(found.Findings).FirstLsn);
    }

    [Fact]
    public void Repair_broken_body_loses_that_record_alone()
    {
        var storage = Written(30);
        var name = NameWith(storage, 12, out var offset);
        storage.Files[name].Bytes[offset + 60] ^= 4;
        var found = LogVerifier.Run(storage);
        var finding = Assert.Single(found.Findings);
        Assert.Equal((name, offset, 12, 12, true), (finding.File, finding.Offset, finding.FirstLsn, finding.LastLsn, finding.IsDamage));

        var repaired = LogRepair.Run(storage, 0);
        Assert.Equal([name], repaired.Quarantined);
        Assert.Equal(finding, Assert.Single(repaired.Lost));
        Assert.True(repaired.After.IsSound);
        Assert.Contains(name + ".quarantine", storage.List());
        AssertGoesOn(storage, [12]);
    }

    [Fact]
    public void Repair_broken_header_loses_the_commit()
    {
        var storage = Written(30);
        var name = NameWith(storage, 12, out var offset);
        storage.Files[name].Bytes[offset + 8] ^= 4;
        var repaired = LogRepair.Run(storage, 0);
        var lost = Assert.Single(repaired.Lost);
        Assert.Equal((12, 12), (lost.FirstLsn, lost.LastLsn));
        AssertGoesOn(storage, [12]);
    }

    [Fact]
    public void Repair_missing_segment_records_the_gap()
    {
        var storage = Written(30);
        var segments = SegmentName.List(storage);
        storage.Delete(SegmentName.Of(segments[1]));
        var repaired = LogRepair.Run(storage, 0);
        var lost = Assert.Single(repaired.Lost);
        Assert.Equal((segments[1], segments[2] - 1), (lost.FirstLsn, lost.LastLsn));
        AssertGoesOn(storage, Range(segments[1], segments[2]));
    }

    [Fact]
    public void Repair_broken_segment_header_loses_no_record()
    {
        var storage = Written(30);
        foreach (var first in SegmentName.List(storage)) storage.Files[SegmentName.Of(first)].Bytes[20] ^= 1;
        Assert.All(LogRepair.Run(storage, 0).Lost, finding => Assert.Equal(0, finding.FirstLsn));
        AssertGoesOn(storage, []);
    }

    [Fact]
    public void Repair_start_of_a_segment_zeroed_loses_it()
    {
        var storage = Written(30);
        var segments = SegmentName.List(storage);
        storage.Files[SegmentName.Of(segments[1])].Bytes.AsSpan(0, 256).Clear();
        LogRepair.Run(storage, 0);
        AssertGoesOn(storage, Range(segments[1], segments[2]));
    }

    [Fact]
    public void Repair_log_that_starts_after_the_lake_records_the_gap()
    {
        var storage = Written(30);
        var segments = SegmentName.List(storage);
        storage.Delete(SegmentName.Of(1));
        Assert.Throws<LogException>(() => new LogHarness(storage).Dispose());
        LogRepair.Run(storage, 0);
        AssertGoesOn(storage, Range(1, segments[1]));
    }

    [Fact]
    public void Repair_any_damage_loses_what_it_says_and_nothing_else()
    {
        Gen.Select(Gen.Int[0, 1_000_000], Gen.Byte[1, 255]).Array[1, 4].Sample(
            hits =>
            {
                var storage = Hit(hits);
                var before = LogVerifier.Run(storage);
                var repaired = LogRepair.Run(storage, 0);
                Assert.True(repaired.After.IsSound);
                var unacked = before.Findings.Where(finding => !finding.IsDamage).ToList();
                var lost = repaired.Lost.Concat(unacked).Where(finding => finding.FirstLsn > 0).SelectMany(finding => Range(finding.FirstLsn, finding.LastLsn + 1)).ToHashSet();
                using var log = new LogHarness(storage);
                if (repaired.Lost.Any(finding => finding.What.Contains("whatever followed", StringComparison.Ordinal))) lost.UnionWith(Range(lost.Max(), 31));
                Assert.Equal(Range(1, 31).Where(lsn => !lost.Contains(lsn)), log.ReplayedLsns);
            },
            iter: 300,
            print: hits => string.Join(", ", hits) + " " + string.Join(" | ", LogVerifier.Run(Hit(hits)).Findings));
    }

    [Fact]
    public void Verify_records_of_series_that_are_not_defined_is_damage()
    {
        var storage = Written(5);
        storage.Delete(DefinitionsFormat.FileName);
        Assert.False(LogVerifier.Run(storage).IsSound);
    }

    /// <summary>Several segments of commits of one record, closed in order.</summary>
    private static MemoryStorage Written(int records)
    {
        var storage = new MemoryStorage();
        using var log = new LogHarness(storage, segmentBytes: 2048);
        for (var i = 0; i < 10; i++) log.Define($"s{i}");
        var schema = log.NewSchema(1, 2);
        for (var i = 1; i <= records; i++)
        {
            log.Append(3, log.Agents.GetOrAdd("a"), i, i % 2 == 0 ? schema : null);
            log.Log.Commit();
        }

        return storage;
    }

    private static MemoryStorage Hit((int At, byte Flip)[] hits)
    {
        var storage = Written(30);
        var files = SegmentName.List(storage).ConvertAll(SegmentName.Of);
        foreach (var (at, flip) in hits)
        {
            var bytes = storage.Files[files[at % files.Count]].Bytes;
            bytes[at % bytes.Length] ^= flip;
        }

        return storage;
    }

    private static string NameWith(MemoryStorage storage, long lsn, out long offset)
    {
        var first = SegmentName.List(storage).Last(first => first <= lsn);
        using var scanner = new SegmentScanner();
        Assert.True(scanner.TryOpen(storage.Open(SegmentName.Of(first), false), first));
        for (var expected = first; ;)
        {
            Assert.Equal(ScanStep.Record, scanner.Next(expected));
            if (scanner.Kind != Records.RecordKind.Samples) continue;
            offset = scanner.Offset;
            if (expected++ == lsn) return SegmentName.Of(first);
        }
    }

    private static List<long> Range(long from, long to)
    {
        var range = new List<long>();
        for (var lsn = from; lsn < to; lsn++) range.Add(lsn);
        return range;
    }

    /// <summary>The daemon starts, has all but these, and goes on; so does the next start, and a reader.</summary>
    private static void AssertGoesOn(MemoryStorage storage, List<long> lost)
    {
        var left = Range(1, 31).Where(lsn => !lost.Contains(lsn)).ToList();
        using (var log = new LogHarness(storage))
        {
            Assert.Equal(left, log.ReplayedLsns);
            RecordLogTests.Fill(log, 2);
        }

        using var again = new LogHarness(storage);
        Assert.Equal([.. left, 31, 32], again.ReplayedLsns);
        Assert.Equal(30, again.Agents.GetOrAdd("a").AdmittedSeq);
        Assert.Equal(32, LogVerifier.Run(storage).LastLsn);
        using var reader = new LogReader(storage, 0, () => long.MaxValue);
        var record = new Records.Record(64);
        foreach (var lsn in again.ReplayedLsns)
        {
            Assert.True(reader.TryRead(record));
            Assert.Equal(lsn, record.Lsn);
        }
    }
}
