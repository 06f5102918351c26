using CsCheck;
using DataLayer.Engines.Lake;
using Microsoft.Extensions.Time.Testing;

namespace DataLayer.Engines.Tests.Lake;

/// <summary>Random batches, late samples, merges, restarts: the lake always holds what the model holds.</summary>
public sealed class LakePropertyTests
{
    private const int SeriesCount = 6;
    private const long Minute = 60_000_000L;
    private const long Hour = 60 * Minute;
    private const long T0 = 1_772_359_200_000_000L;
    private static readonly double Stale = BitConverter.Int64BitsToDouble(0x7FF0000000000002);

    private enum Step
    {
        Write,
        WriteSmall,
        Maintain,
        Restart,
    }

    // Values are quarters, so that sums are exact in any order. Times cluster, so that duplicates and late samples are common.
    private static readonly Gen<Sample> GenSample =
        from series in Gen.Int[0, SeriesCount - 1]
        from tick in Gen.Frequency((6, Gen.Long[0, 400]), (1, Gen.Long[-2000, 4000]))
        from value in Gen.Frequency((12, Gen.Int[-400, 400].Select(k => k / 4.0)), (1, Gen.Const(Stale)), (1, Gen.Const(double.NaN)), (1, Gen.Const(-0.0)))
        from quality in Gen.Frequency((9, Gen.Const(1f)), (1, Gen.Const(0.5f)))
        select new Sample(series, T0 + (tick * 20_000_000L), value, quality);

    private static readonly Gen<(Step Step, Sample[] Samples, int Minutes)> GenStep =
        Gen.Select(
            Gen.Frequency((4, Gen.Const(Step.Write)), (4, Gen.Const(Step.WriteSmall)), (2, Gen.Const(Step.Maintain)), (1, Gen.Const(Step.Restart))),
            GenSample.Array[1, 60],
            Gen.Int[0, 90]);

    [Fact]
    public void Lake_any_sequence_of_steps_matches_the_model() =>
        GenStep.Array[1, 15].Sample(steps => Run(steps, null), iter: 20, threads: 1);

    [Fact]
    public void Lake_any_sequence_of_steps_with_retention_keeps_what_is_young() =>
        GenStep.Array[1, 15].Sample(steps => Run(steps, TimeSpan.FromHours(2)), iter: 10, threads: 1);

    private static void Run((Step Step, Sample[] Samples, int Minutes)[] steps, TimeSpan? retention)
    {
        using var folder = new TemporaryFolder();
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddTicks(T0 * 10));
        var options = new LakeOptions
        {
            Directory = Path.Combine(folder.Path, "lake"), RowGroupRows = 16, OpenHoursMax = 3, CompactionFanIn = 3, FileRowsMax = 64, UrgentSamples = 20, RawRetention = retention,
        };
        var model = new EngineModel(MemoryCatalog.Mixed(SeriesCount));
        var engine = Open(options, time);
        foreach (var (step, samples, minutes) in steps)
        {
            switch (step)
            {
                case Step.Restart:
                    engine = Open(options, time);
                    model.Restart(engine.ReadLastTimes());
                    break;
                case Step.Maintain:
                    time.Advance(TimeSpan.FromMinutes(minutes));
                    new LakeMaintenance(engine, trustsClock: true).RunOnce(CancellationToken.None);
                    if (retention is { } age) Expire(model, time, age);
                    break;
                default:
                    Write(engine, model, step == Step.Write ? samples : samples[..1]);
                    break;
            }

            using var snapshot = engine.Snapshot();
            model.AssertMatches(snapshot, SeriesCount, withRollups: retention is null);
        }

        Assert.Empty(LakeVerifier.Verify(options.Directory, CancellationToken.None).Problems);
        Assert.Equal(engine.FileCount, Directory.GetFiles(options.Directory, "*.parquet", SearchOption.AllDirectories).Length);
        AssertViewsMatch(engine, model, withRollups: retention is null);
    }

    private static void AssertViewsMatch(LakeEngine engine, EngineModel model, bool withRollups)
    {
        using var snapshot = engine.Snapshot();
        var views = LakeViews.Sql(snapshot);
        EngineModel.AssertSame(model.Samples, DuckDb.Samples(views, "SELECT series, epoch_us(time), value, quality FROM lake_samples ORDER BY series, time"));
        if (!withRollups) return;
        var rows = DuckDb.Query(views, "SELECT series, epoch_us(time), count, sum, min, max FROM lake_rollup_1h ORDER BY series, time");
        Assert.Equal(
            model.Rollups(Resolution.Hour).Select(row => (row.Series, row.Bucket.Start, row.Bucket.Count, row.Bucket.Sum, row.Bucket.Min, row.Bucket.Max)),
            rows.Select(row => ((int)row[0]!, (long)row[1]!, (long)row[2]!, (double)row[3]!, (double)row[4]!, (double)row[5]!)));
    }

    private static LakeEngine Open(LakeOptions options, TimeProvider time)
    {
        var engine = new LakeEngine(options, MemoryCatalog.Mixed(SeriesCount), time);
        Wait(engine.OpenAsync(CancellationToken.None));
        return engine;
    }

    private static void Write(LakeEngine engine, EngineModel model, Sample[] samples) => Wait(engine.WriteAsync(model.Next(samples), CancellationToken.None));

    private static void Wait(ValueTask task) => task.AsTask().GetAwaiter().GetResult();

    private static void Expire(EngineModel model, TimeProvider time, TimeSpan age)
    {
        var now = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / 10;
        var oldest = now - (age.Ticks / 10) - Hour;
        model.Remove(sample => sample.Time - (((sample.Time % Hour) + Hour) % Hour) < oldest);
    }
}
