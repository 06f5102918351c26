using DataLayer.Engines.Lake;
using Microsoft.Extensions.Time.Testing;

namespace DataLayer.Engines.Tests.Lake;

/// <summary>A failure at each file operation in turn, also with the loss of all that was not flushed (powerLoss, the seed): the lake stands at the state before or after, never between.</summary>
public sealed class LakeCrashTests : IDisposable
{
    private const int SeriesCount = 4;
    private const long T0 = 1_772_359_200_000_000L;
    private const long Second = 1_000_000L;
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Sample[] First => [.. Enumerable.Range(0, 40).Select(at => new Sample(at % 3, T0 + (at * 200 * Second), at / 4.0))];

    // Late, duplicate, and new samples, and a new series.
    private static Sample[] Second2 => [new(0, T0, 9), new(1, T0 + (100 * Second), 8), new(2, T0 + (9000 * Second), 7), new(3, T0, 6)];

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, true, 1)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task WriteAsync_fails_at_any_operation_old_or_new_state(bool isCrash, bool isReopened, int powerLoss = 0)
    {
        for (var operation = 0; ; operation++)
        {
            var options = Options($"write-{isCrash}-{isReopened}-{powerLoss}-{operation}");
            var faulty = new FaultyStorage(isCrash);
            var (engine, model) = await PrepareAsync(options, faulty);
            var batch = model.Peek(Second2);
            faulty.FailAt(operation);
            var failed = await Failed(() => engine.WriteAsync(batch, Token).AsTask());
            Assert.True(faulty.HasFired || !failed);
            if (powerLoss > 0) faulty.LosePower(new Random((powerLoss * 1000) + operation));
            if (isReopened) engine = await OpenAsync(options, new LakeStorage());
            if (engine.Position == batch.EndLsn) model.Apply(batch.EndLsn, Second2);
            AssertMatches(engine, model);
            await engine.WriteAsync(batch, Token);
            if (model.Position < batch.EndLsn) model.Apply(batch.EndLsn, Second2);
            AssertMatches(engine, model);
            await AssertCleanAsync(options, model);
            if (!faulty.HasFired) return;
        }
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, true, 1)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task RunOnce_fails_at_any_operation_samples_stay(bool isCrash, bool isReopened, int powerLoss = 0)
    {
        for (var operation = 0; ; operation++)
        {
            var options = Options($"merge-{isCrash}-{isReopened}-{powerLoss}-{operation}");
            var faulty = new FaultyStorage(isCrash);
            var (engine, model) = await PrepareAsync(options, faulty);
            await engine.WriteAsync(model.Next(Second2), Token);
            faulty.FailAt(operation);
            await Failed(() => Task.Run(() => new LakeMaintenance(engine).RunOnce(Token), Token));
            if (powerLoss > 0) faulty.LosePower(new Random((powerLoss * 1000) + operation));
            if (isReopened) engine = await OpenAsync(options, new LakeStorage());
            AssertMatches(engine, model);
            new LakeMaintenance(engine).RunOnce(Token);
            AssertMatches(engine, model);
            await AssertCleanAsync(options, model);
            if (!faulty.HasFired) return;
        }
    }

    [Fact]
    public async Task OpenAsync_manifest_missing_but_files_there_is_refused()
    {
        var options = Options("missing");
        await PrepareAsync(options, new FaultyStorage(true));
        File.Delete(Path.Combine(options.Directory, "manifest.json"));
        var error = await Assert.ThrowsAsync<EngineException>(() => OpenAsync(options, new LakeStorage()));
        Assert.False(error.IsTransient);
    }

    [Fact]
    public async Task OpenAsync_manifest_with_one_bit_flipped_is_refused()
    {
        var options = Options("flipped");
        await PrepareAsync(options, new FaultyStorage(true));
        var path = Path.Combine(options.Directory, "manifest.json");
        var bytes = await File.ReadAllBytesAsync(path, Token);
        for (var at = 0; at < bytes.Length; at += 3)
        {
            var damaged = bytes.ToArray();
            damaged[at] ^= 1;
            await File.WriteAllBytesAsync(path, damaged, Token);
            await Assert.ThrowsAsync<EngineException>(() => OpenAsync(options, new LakeStorage()));
        }

        await File.WriteAllBytesAsync(path, bytes, Token);
        await OpenAsync(options, new LakeStorage());
    }

    [Fact]
    public async Task OpenAsync_new_manifest_cut_at_every_byte_keeps_the_old_one()
    {
        var options = Options("cut");
        var (engine, model) = await PrepareAsync(options, new FaultyStorage(true));
        var bytes = await File.ReadAllBytesAsync(Path.Combine(options.Directory, "manifest.json"), Token);
        var temporary = Path.Combine(options.Directory, ".manifest.json.tmp");
        for (var length = 0; length <= bytes.Length; length++)
        {
            await File.WriteAllBytesAsync(temporary, bytes[..length], Token);
            engine = await OpenAsync(options, new LakeStorage());
            Assert.False(File.Exists(temporary));
            Assert.Equal(model.Position, engine.Position);
        }

        AssertMatches(engine, model);
    }

    [Fact]
    public async Task OpenAsync_deletes_orphans_and_leaves_files_of_others()
    {
        var options = Options("orphans");
        var (engine, _) = await PrepareAsync(options, new FaultyStorage(true));
        var folder = Path.GetDirectoryName(engine.Snapshot().Files[0].Path)!;
        foreach (var name in new[] { ".0000000099.parquet.tmp", "0000000098.parquet", "0000000001-0000000097.parquet", "mine.parquet", "notes.txt" })
        {
            await File.WriteAllTextAsync(Path.Combine(folder, name), "x", Token);
        }

        engine = await OpenAsync(options, new LakeStorage());
        Assert.Equal(3, engine.OrphansDeleted);
        Assert.Equal(["mine.parquet", "notes.txt"], Directory.GetFiles(folder).Select(path => Path.GetFileName(path)!).Where(name => !char.IsDigit(name[0])).Order());
    }

    private LakeOptions Options(string name) => new() { Directory = Path.Combine(_folder.Path, name), RowGroupRows = 8, CompactionFanIn = 2, RawRetention = null };

    private static async Task<(LakeEngine Engine, EngineModel Model)> PrepareAsync(LakeOptions options, FaultyStorage faulty)
    {
        var engine = await OpenAsync(options, faulty.Storage);
        var model = new EngineModel(MemoryCatalog.Mixed(SeriesCount));
        await engine.WriteAsync(model.Next(First), Token);
        return (engine, model);
    }

    private static async Task<LakeEngine> OpenAsync(LakeOptions options, LakeStorage storage)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddTicks(T0 * 10).AddDays(2));
        var engine = new LakeEngine(options, MemoryCatalog.Mixed(SeriesCount), time, storage);
        await engine.OpenAsync(Token);
        return engine;
    }

    private static async Task<bool> Failed(Func<Task> action)
    {
        try
        {
            await action();
            return false;
        }
        catch (EngineException error)
        {
            Assert.True(error.IsTransient);
            return true;
        }
    }

    private static void AssertMatches(LakeEngine engine, EngineModel model)
    {
        using var snapshot = engine.Snapshot();
        model.AssertMatches(snapshot, SeriesCount);
    }

    /// <summary>A new process finds the same, the files are sound, and nothing else lies there.</summary>
    private static async Task AssertCleanAsync(LakeOptions options, EngineModel model)
    {
        var engine = await OpenAsync(options, new LakeStorage());
        AssertMatches(engine, model);
        var verification = LakeVerifier.Verify(options.Directory, Token);
        Assert.Empty(verification.Problems);
        Assert.Equal(engine.FileCount, verification.Files);
        Assert.Equal(engine.FileCount, Directory.GetFiles(options.Directory, "*.parquet*", SearchOption.AllDirectories).Length);
    }

    public void Dispose() => _folder.Dispose();
}
