using DataLayer.Engines.Lake;
using Microsoft.Extensions.Time.Testing;

namespace DataLayer.Engines.Tests.Lake;

public sealed class LakeMaintenanceTests : IAsyncDisposable
{
    private const long T0 = 1_772_359_200_000_000L;
    private const long Hour = 3_600_000_000L;
    private static readonly int[] All = [0, 1, 2, 3];
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddTicks(T0 * 10));
    private readonly EngineModel _model = new();
    private LakeEngine _engine = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunOnce_closed_hour_becomes_one_file_without_late_samples()
    {
        await OpenAsync(new LakeOptions { Directory = Lake });
        for (var batch = 0; batch < 3; batch++) await WriteAsync(new(0, T0 + batch, batch), new(1, T0 + (batch % 2), batch));
        using (var before = _engine.Snapshot()) Assert.Contains(before.Files, file => file.IsLate);
        Run();
        Assert.True(Samples().Count > 1);
        _time.Advance(TimeSpan.FromMinutes(71));
        Run();
        Assert.False(Assert.Single(Samples()).IsLate);
        AssertMatches();
    }

    [Fact]
    public async Task RunOnce_merge_of_newer_files_only_still_marks_late_samples()
    {
        await OpenAsync(new LakeOptions { Directory = Lake, CompactionFanIn = 2 });
        await WriteAsync(new Sample(0, T0, 1));
        await WriteAsync(new Sample(0, T0 + 1, 1));
        Run();
        await WriteAsync(new Sample(0, T0, 2));
        await WriteAsync(new Sample(0, T0 + 2, 2));
        var files = Samples();
        new LakeCompaction(_engine.Context).Merge([.. files.Skip(1)], isOldest: false, Token);
        Assert.Equal([false, true], Samples().Select(file => file.IsLate));
        AssertMatches();
        using var snapshot = _engine.Snapshot();
        EngineModel.AssertSame(_model.Samples, DuckDb.Samples(LakeViews.Sql(snapshot), "SELECT series, epoch_us(time), value, quality FROM lake_samples ORDER BY time"));
    }

    [Fact]
    public async Task RunOnce_files_that_a_snapshot_reads_stay_until_it_is_disposed()
    {
        await OpenAsync(new LakeOptions { Directory = Lake, CompactionFanIn = 2 });
        await WriteAsync(new Sample(0, T0, 1));
        await WriteAsync(new Sample(0, T0 + 1, 2));
        var snapshot = _engine.Snapshot();
        var expected = _model.Samples.ToList();
        Run();
        Assert.All(snapshot.Files, file => Assert.True(File.Exists(file.Path)));
        EngineModel.AssertSame(expected, EngineModel.ReadAll(snapshot, All));
        snapshot.Dispose();
        Assert.Contains(snapshot.Files, file => !File.Exists(file.Path));
        Assert.Equal(_engine.FileCount, Directory.GetFiles(Lake, "*.parquet", SearchOption.AllDirectories).Length);
        AssertMatches();
    }

    [Fact]
    public async Task RunOnce_raw_past_its_age_goes_and_rollups_stay_and_late_samples_add_to_them()
    {
        await OpenAsync(new LakeOptions { Directory = Lake, RawRetention = TimeSpan.FromHours(3) });
        await WriteAsync(new Sample(0, T0, 1), new Sample(0, T0 + Hour, 2));
        _time.Advance(TimeSpan.FromHours(4) + TimeSpan.FromTicks(10));
        Run();
        using (var snapshot = _engine.Snapshot())
        {
            EngineModel.AssertSame([new Sample(0, T0 + Hour, 2)], EngineModel.ReadAll(snapshot, All));
            Assert.Equal(T0 + Hour, snapshot.RawFromMicros);
            Assert.Equal(_model.Rollups(Resolution.Hour), EngineModel.ReadRollups(snapshot, Resolution.Hour, All));
        }

        await WriteAsync(new Sample(0, T0 + 5, 10));
        await WriteAsync(new Sample(0, T0 + 4, 20));
        await WriteAsync(new Sample(0, T0 + 4, 20));
        using var after = _engine.Snapshot();
        var bucket = EngineModel.ReadRollups(after, Resolution.Hour, All)[0].Bucket;
        Assert.Equal((1.0, 20.0, 1.0), (bucket.Min, bucket.Max, bucket.First));
        Assert.True(bucket.Count >= 3);
    }

    [Fact]
    public async Task RunOnce_a_clock_far_ahead_deletes_nothing_before_it_has_stood_for_an_hour()
    {
        await OpenAsync(new LakeOptions { Directory = Lake, RawRetention = TimeSpan.FromHours(3) });
        await WriteAsync(new Sample(0, T0, 1), new Sample(0, T0 + Hour, 2));
        var maintenance = new LakeMaintenance(_engine);
        _time.Advance(TimeSpan.FromDays(365));
        foreach (var (minutes, files) in new[] { (0, 2), (59, 2), (1, 0) })
        {
            _time.Advance(TimeSpan.FromMinutes(minutes));
            maintenance.RunOnce(Token);
            Assert.Equal(files, Samples().Count);
        }
    }

    [Fact]
    public async Task RunOnce_each_resolution_has_its_own_age()
    {
        await OpenAsync(new LakeOptions
        {
            Directory = Lake, RawRetention = TimeSpan.FromDays(1), RollupMinuteRetention = TimeSpan.FromDays(10), RollupHourRetention = TimeSpan.FromDays(100),
        });
        await WriteAsync(new Sample(0, T0, 1));
        (int Days, int Raw, int Minutes, int Hours)[] expected = [(0, 1, 1, 1), (3, 0, 1, 1), (13, 0, 0, 1), (103, 0, 0, 0)];
        foreach (var (days, raw, minutes, hours) in expected)
        {
            _time.SetUtcNow(DateTimeOffset.UnixEpoch.AddTicks(T0 * 10).AddDays(days));
            Run();
            using var snapshot = _engine.Snapshot();
            Assert.Equal((raw, minutes, hours), (
                EngineModel.ReadAll(snapshot, All).Count,
                EngineModel.ReadRollups(snapshot, Resolution.Minute, All).Count,
                EngineModel.ReadRollups(snapshot, Resolution.Hour, All).Count));
        }
    }

    [Fact]
    public async Task RunOnce_over_the_limit_of_bytes_the_oldest_hours_go_but_never_the_newest()
    {
        await OpenAsync(new LakeOptions { Directory = Lake, RawBytesMax = 1 });
        await WriteAsync([.. Enumerable.Range(0, 5).Select(hour => new Sample(0, T0 + (hour * Hour), hour))]);
        Run();
        using var snapshot = _engine.Snapshot();
        EngineModel.AssertSame([new Sample(0, T0 + (4 * Hour), 4)], EngineModel.ReadAll(snapshot, All));
    }

    [Fact]
    public async Task RunOnce_sketches_survive_merging_and_state_their_error()
    {
        await OpenAsync(new LakeOptions { Directory = Lake, SketchMetrics = ["m1*"] });
        for (var batch = 0; batch < 10; batch++)
        {
            await WriteAsync([.. Enumerable.Range(0, 100).SelectMany(at => new Sample[] { new(0, T0 + (batch * 100) + at, at), new(1, T0 + (batch * 100) + at, at + 1) })]);
        }

        foreach (var isMerged in new[] { false, true })
        {
            if (isMerged) Run();
            using var snapshot = _engine.Snapshot();
            foreach (var columns in snapshot.ReadRollups(Resolution.Hour, All, T0, T0 + Hour, RollupFields.All, Token))
            {
                var bucket = EngineModel.BucketsOf(columns).Aggregate((one, other) => RollupBuilder.Combine(one, other));
                if (columns.Series == 0) Assert.Null(bucket.Sketch);
                else Assert.InRange(QuantileSketch.FromBytes(bucket.Sketch).Quantile(0.9), 90 * 0.99, 91 * 1.01);
            }
        }
    }

    [Fact]
    public async Task RunOnce_while_batches_are_written_and_read_loses_nothing()
    {
        await OpenAsync(new LakeOptions { Directory = Lake, CompactionFanIn = 2, RowGroupRows = 32 });
        var maintenance = new LakeMaintenance(_engine);
        using var stop = new CancellationTokenSource();
        var merging = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested) maintenance.RunOnce(CancellationToken.None);
        }, Token);
        var reading = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                // A batch holds as many samples as its LSNs: a snapshot shows exactly those of its position.
                using var snapshot = _engine.Snapshot();
                Assert.Equal(snapshot.Position, EngineModel.ReadAll(snapshot, All).Count);
            }
        }, Token);
        for (var batch = 0; batch < 40; batch++) await WriteAsync([.. Enumerable.Range(0, 8).Select(at => new Sample(at % 4, T0 + (((batch * 7919) % 40) * 1000) + at, batch))]);
        await stop.CancelAsync();
        await merging;
        await reading;
        Assert.True(maintenance.Merges > 0);
        AssertMatches();
    }

    private string Lake => Path.Combine(_folder.Path, "lake");

    private async Task OpenAsync(LakeOptions options)
    {
        _engine = new LakeEngine(options, new MemoryCatalog(4), _time);
        await _engine.OpenAsync(Token);
    }

    private ValueTask WriteAsync(params Sample[] samples) => _engine.WriteAsync(_model.Next(samples), Token);

    private void Run() => new LakeMaintenance(_engine, trustsClock: true).RunOnce(Token);

    private List<LakeFile> Samples()
    {
        using var snapshot = _engine.Snapshot();
        return [.. snapshot.Files.Where(file => file.Kind == LakeFileKind.Samples)];
    }

    private void AssertMatches()
    {
        using var snapshot = _engine.Snapshot();
        _model.AssertMatches(snapshot, 4);
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        _folder.Dispose();
    }
}
