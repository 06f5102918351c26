using DataLayer.Fuzzing;
using DataLayer.Ingest.Log;
using DataLayer.Ingest.Records;
using Xunit;
using Record = DataLayer.Ingest.Records.Record;

namespace DataLayer.Ingest.Tests.Log;

/// <summary>
/// A damaged log is opened, verified or repaired: it is refused in words, or gives back records that were written, in their order, and none that were not. See <see cref="Fuzz"/> for the long form.
/// </summary>
public sealed class LogFuzzTests
{
    private const int Records = 48;
    private const int InOneSegmentMax = 16;

    /// <summary>Two scanners of 4 MiB, and what the files hold a few times over.</summary>
    private const long AllocatedBytesMax = 64 << 20;

    private static readonly Dictionary<string, byte[]> Whole = Write();

    [Fact]
    public void Open_nearlyRightFiles_givesBackWrittenRecordsOrIsRefused() => Fuzz.Run(1_500, Damaged, (input, _) => Fuzz.Bounded(AllocatedBytesMax, () =>
    {
        var storage = Storage(input);
        LogHarness? log = null;
        if (!Fuzz.Succeeds(() => log = new LogHarness(storage, segmentBytes: 2048), fault => fault is LogException)) return;
        using (log)
        {
            Assert.Equal(Enumerable.Range(1, log!.Replayed.Count).Select(lsn => (long)lsn), log.ReplayedLsns);
            Assert.All(log.Replayed, AssertWritten);
            Assert.Equal(Enumerable.Range(0, log.Series.Count).Select(Name), log.Series);
        }
    }));

    [Fact]
    public void VerifyAndRepair_nearlyRightFiles_endWithALogThatIsSound() => Fuzz.Run(500, Damaged, (input, _) => Fuzz.Bounded(2 * AllocatedBytesMax, () =>
    {
        var storage = Storage(input);
        var found = LogVerifier.Run(storage);
        Assert.InRange(found.Records, 0, Records);
        if (found.Findings.Any(finding => finding.IsDamage && finding.File == DefinitionsFormat.FileName)) return; // Nobody guesses which series data belong to.
        var repaired = LogRepair.Run(storage, 0);
        Assert.True(repaired.After.IsSound);
        using var log = new LogHarness(storage, segmentBytes: 2048);
        Assert.All(log.Replayed, AssertWritten);
        Assert.Equal(log.ReplayedLsns.Distinct().Order(), log.ReplayedLsns);
        Assert.True(log.Replayed.Count >= Records - InOneSegmentMax, $"{log.Replayed.Count} records are left: damage in one file takes no records of another");
    }));

    /// <summary>The sections of a record whose checksum somebody has made fit: walked within its bytes, or refused.</summary>
    [Fact]
    public void RecordSections_nearlyRight_stayWithinTheRecord() => Fuzz.Run(30_000, random => Mutation.Of(random, LogHarness.Filled(1, random.Next(6), schema: new Schema(1, [0, 1, 2], 2)).Bytes.ToArray()), (bytes, _) => Fuzz.Bounded(64 << 10, () =>
    {
        if (bytes.Length < RecordLayout.HeaderBytes) return;
        Fuzz.Succeeds(() =>
        {
            var sections = new RecordSections(bytes);
            var total = 0L;
            while (sections.MoveNext())
            {
                if (sections.Kind == SectionKind.Rows)
                {
                    Assert.Equal((long)sections.Count * (sections.Columns + 1), sections.Rows.Length);
                    total += sections.Rows.Length * 8L;
                    continue;
                }

                if (sections.Kind == SectionKind.Events)
                {
                    total += sections.Events.Length;
                    var events = new RecordEvents(sections.Events);
                    while (events.MoveNext()) Assert.InRange(events.Id.Length + events.Type.Length + events.Source.Length + events.Document.Length, 0, sections.Events.Length);
                    continue;
                }

                Assert.Equal((sections.Count, sections.Count, sections.Count), (sections.Times.Length, sections.Values.Length, sections.Series.Length));
                total += sections.Count * 20L;
            }

            Assert.InRange(total, 0, bytes.Length);
        }, fault => fault is InvalidDataException);
    }));

    private static (string Name, byte[] Bytes) Damaged(Random random)
    {
        var name = Whole.Keys.Order(StringComparer.Ordinal).ElementAt(random.Next(Whole.Count));
        return (name, Mutation.Of(random, Whole[name].ToArray()));
    }

    private static MemoryStorage Storage((string Name, byte[] Bytes) damaged)
    {
        var storage = new MemoryStorage();
        foreach (var (name, bytes) in Whole)
        {
            storage.Create(name, 0).Dispose();
            storage.Files[name].Bytes = name == damaged.Name ? [.. damaged.Bytes] : [.. bytes];
        }

        return storage;
    }

    private static void AssertWritten(Replayed record) => Assert.Equal(Filled(record.Lsn).Bytes, record.Bytes);

    private static Record Filled(long lsn) => LogHarness.Filled(lsn, (int)(1 + (lsn % 4)));

    private static string Name(int series) => $"series-{series}";

    private static Dictionary<string, byte[]> Write()
    {
        var storage = new MemoryStorage();
        using (var log = new LogHarness(storage, segmentBytes: 2048))
        {
            for (var lsn = 1; lsn <= Records; lsn++)
            {
                if (lsn % 4 == 1) log.Define(Name(log.Series.Count));
                log.Log.Append(Filled(lsn));
                if (lsn % 2 == 0) log.Log.Commit();
            }
        }

        return storage.Files.ToDictionary(file => file.Key, file => file.Value.Bytes);
    }
}
