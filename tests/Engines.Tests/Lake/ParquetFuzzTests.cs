using DataLayer.Engines.Lake;
using DataLayer.Fuzzing;
using Microsoft.Extensions.Time.Testing;

namespace DataLayer.Engines.Tests.Lake;

/// <summary>
/// Damaged Parquet files under a manifest that fits: native code reads them. The verifier tells of each or finds it whole, a query is refused until the damaged file is out of the lake, and then
/// answered, and the process lives. See <see cref="Fuzz"/> for the long form.
/// </summary>
public sealed class ParquetFuzzTests : IDisposable
{
    private const long T0 = 1_772_359_200_000_000L;
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_damagedFiles_isRefusedOrWhole()
    {
        var engine = Engine(_folder.Path);
        await engine.OpenAsync(Token);
        await engine.WriteAsync(new EngineModel().Next([.. Enumerable.Range(0, 600).Select(at => new Sample(at % 4, T0 + (at / 4 * 1_000_000L), at % 3 == 0 ? at / 8.0 : Math.Sqrt(at)))]), Token);
        var manifest = await File.ReadAllBytesAsync(Path.Combine(_folder.Path, LakeLayout.ManifestName), Token);
        using var snapshot = engine.Snapshot();
        var files = snapshot.Files.Select(file => (Path: Path.GetRelativePath(_folder.Path, file.Path), Bytes: File.ReadAllBytes(file.Path))).ToArray();
        Fuzz.Run(300, random => (Damaged: random.Next(files.Length), Bytes: Damage(random, files[^1].Bytes.Length, files)), (input, _) =>
        {
            using var copy = new TemporaryFolder();
            for (var at = 0; at < files.Length; at++)
            {
                var path = Path.Combine(copy.Path, files[at].Path);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.WriteAllBytes(path, at == input.Damaged ? input.Bytes[at] : files[at].Bytes);
            }

            File.WriteAllBytes(Path.Combine(copy.Path, LakeLayout.ManifestName), manifest);
            LakeVerifier.Verify(copy.Path, CancellationToken.None);
            Query(copy.Path, files.Length);
        });
    }

    /// <summary>Each file, damaged where a flipped bit or a wrong length may lie: anywhere, or in the footer.</summary>
    private static byte[][] Damage(Random random, int footer, (string Path, byte[] Bytes)[] files) => [.. files.Select(file =>
    {
        if (random.Next(2) == 0) return Mutation.Of(random, file.Bytes.ToArray());
        var from = Math.Max(0, file.Bytes.Length - random.Next(8, footer));
        return [.. file.Bytes[..from], .. Mutation.Of(random, file.Bytes[from..])];
    })];

    /// <summary>Asks until it is answered: each refusal takes a damaged file out of the lake.</summary>
    private static void Query(string folder, int files)
    {
        var engine = Engine(folder);
        engine.OpenAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
        for (var refused = 0; !Fuzz.Succeeds(() => Read(engine), fault => fault is EngineException); refused++) Assert.True(refused < files, "a damaged file stays in the lake");
    }

    private static void Read(LakeEngine engine)
    {
        using var snapshot = engine.Snapshot();
        foreach (var columns in snapshot.ReadSamples([0, 1, 2, 3], 0, long.MaxValue, CancellationToken.None)) Assert.InRange(columns.Count, 0, 10_000);
        foreach (var columns in snapshot.ReadRollups(Resolution.Minute, [0, 1, 2, 3], 0, long.MaxValue, RollupFields.All, CancellationToken.None)) Assert.NotNull(columns);
    }

    private static LakeEngine Engine(string folder)
    {
        var options = new LakeOptions { Directory = folder, RowGroupRows = 64, RawRetention = null, SketchMetrics = ["m*"] };
        return new LakeEngine(options, new MemoryCatalog(4), new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddTicks(T0 * 10).AddDays(2)), new LakeStorage());
    }

    public void Dispose() => _folder.Dispose();
}
