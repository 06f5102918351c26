using DataLayer.Engines.Lake;
using Microsoft.Extensions.Time.Testing;

namespace DataLayer.Engines.Tests.Lake;

/// <summary>One damaged file: whoever meets it takes it out of the lake, and everything goes on with the rest.</summary>
public sealed class LakeQuarantineTests : IDisposable
{
    private const long T0 = 1_772_359_200_000_000L;
    private const long Hour = 3_600_000_000L;
    private static readonly int[] All = [0, 1];
    private readonly TemporaryFolder _folder = new();
    private readonly EngineModel _model = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddTicks(T0 * 10).AddMinutes(10));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Two hours, 500 samples of each series in each: the first is the damaged one.
    private static IEnumerable<Sample> HourOf(int hour) => Enumerable.Range(0, 1000).Select(at => new Sample(at % 2, T0 + (hour * Hour) + (at * 1_000_000L), at / 4.0));

    [Fact]
    public async Task ReadSamples_of_a_damaged_file_fails_once_and_the_rest_is_served()
    {
        var engine = await PrepareAsync();
        var damaged = Flip(engine, LakeFileKind.Samples);
        using (var before = engine.Snapshot()) Assert.Contains(damaged, Assert.ThrowsAny<EngineException>(() => EngineModel.ReadAll(before, All)).Message, StringComparison.Ordinal);
        AssertRest(engine);
        await AssertAsideAsync(engine, damaged);
    }

    [Fact]
    public async Task TryLatest_and_rollups_go_on_without_a_damaged_file()
    {
        var engine = await PrepareAsync();
        var damaged = Flip(engine, LakeFileKind.RollupMinute);
        using (var before = engine.Snapshot()) Assert.ThrowsAny<EngineException>(() => EngineModel.ReadRollups(before, Resolution.Minute, All));
        using var snapshot = engine.Snapshot();
        EngineModel.AssertSame(_model.Samples, EngineModel.ReadAll(snapshot, All));
        Assert.Equal(_model.Rollups(Resolution.Hour), EngineModel.ReadRollups(snapshot, Resolution.Hour, All));
        var rest = EngineModel.ReadRollups(snapshot, Resolution.Minute, All);
        Assert.Equal(_model.Rollups(Resolution.Minute).Where(row => row.Bucket.Start >= T0 + Hour), rest);
        await AssertAsideAsync(engine, damaged);
    }

    [Fact]
    public async Task WriteAsync_of_late_samples_to_an_hour_with_a_damaged_file_succeeds_when_tried_again()
    {
        var engine = await PrepareAsync();
        var damaged = Flip(engine, LakeFileKind.Samples);
        Sample[] late = [new(0, T0 + 5, 9999)];
        var batch = _model.Next(late);
        await Assert.ThrowsAnyAsync<EngineException>(() => engine.WriteAsync(batch, Token).AsTask());
        await engine.WriteAsync(batch, Token);
        _model.Remove(sample => sample.Time < T0 + Hour && sample.Value != 9999);
        using (var snapshot = engine.Snapshot()) EngineModel.AssertSame(_model.Samples, EngineModel.ReadAll(snapshot, All));
        await AssertAsideAsync(engine, damaged);
    }

    [Fact]
    public async Task RunOnce_merges_what_is_left_when_an_input_is_damaged()
    {
        var engine = await PrepareAsync(files: 3);
        var damaged = Flip(engine, LakeFileKind.Samples);
        _time.Advance(TimeSpan.FromDays(2));
        new LakeMaintenance(engine).RunOnce(Token);
        using (var snapshot = engine.Snapshot()) Assert.Equal([1, 1], snapshot.Files.Where(file => file.Kind == LakeFileKind.Samples).GroupBy(file => file.PartitionStart).Select(hour => hour.Count()));
        await AssertAsideAsync(engine, damaged);
    }

    [Fact]
    public async Task Take_of_a_sound_file_leaves_it()
    {
        var engine = await PrepareAsync();
        LakeFile file;
        using (var snapshot = engine.Snapshot()) file = snapshot.Files[0];
        Assert.False(engine.Context.Quarantine.Take(file));
        Assert.Empty(engine.Quarantined);
        using var after = engine.Snapshot();
        EngineModel.AssertSame(_model.Samples, EngineModel.ReadAll(after, All));
    }

    private async Task<LakeEngine> PrepareAsync(int files = 1)
    {
        var engine = await OpenAsync();
        for (var part = 0; part < files; part++) await engine.WriteAsync(_model.Next([.. HourOf(0).Skip(1000 / files * part).Take(1000 / files)]), Token);
        await engine.WriteAsync(_model.Next([.. HourOf(1)]), Token);
        return engine;
    }

    private async Task<LakeEngine> OpenAsync()
    {
        var engine = new LakeEngine(new LakeOptions { Directory = Path.Combine(_folder.Path, "lake"), RowGroupRows = 400 }, new MemoryCatalog(2), _time);
        await engine.OpenAsync(Token);
        return engine;
    }

    /// <summary>Flips one bit in the data of the first file of a kind.</summary>
    private static string Flip(LakeEngine engine, LakeFileKind kind)
    {
        using var snapshot = engine.Snapshot();
        var path = snapshot.Files.First(file => file.Kind == kind).Path;
        var bytes = File.ReadAllBytes(path);
        bytes[100] ^= 4;
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private void AssertRest(LakeEngine engine)
    {
        _model.Remove(sample => sample.Time < T0 + Hour);
        using var snapshot = engine.Snapshot();
        EngineModel.AssertSame(_model.Samples, EngineModel.ReadAll(snapshot, All));
        Assert.True(snapshot.TryLatest(0, out _, out _));
    }

    /// <summary>The file lies aside, is told of, and a new process serves the same.</summary>
    private async Task AssertAsideAsync(LakeEngine engine, string damaged)
    {
        Assert.Equal([damaged + ".quarantine"], engine.Quarantined);
        Assert.Equal(EngineState.Degraded, engine.QuarantineHealth.State);
        Assert.True(File.Exists(damaged + ".quarantine"));
        Assert.False(File.Exists(damaged));
        Assert.Empty(LakeVerifier.Verify(engine.Directory, Token).Problems);
        using var before = engine.Snapshot();
        var again = await OpenAsync();
        Assert.Equal([damaged + ".quarantine"], again.Quarantined);
        using (var snapshot = again.Snapshot()) EngineModel.AssertSame(EngineModel.ReadAll(before, All), EngineModel.ReadAll(snapshot, All));
        File.Delete(damaged + ".quarantine");
        Assert.Equal(EngineState.Healthy, again.QuarantineHealth.State);
    }

    public void Dispose() => _folder.Dispose();
}
