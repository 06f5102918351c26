using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using DataLayer.Engines.Lake;
using DataLayer.Fuzzing;
using DataLayer.Ingest.Records;

namespace DataLayer.Engines.Tests.Lake;

/// <summary>Manifests that are nearly right, also such whose checksum fits: refused in words, or read as what is written there. See <see cref="Fuzz"/> for the long form.</summary>
public sealed class LakeManifestFuzzTests
{
    private const string Folder = "/lake";

    private static readonly LakeManifest Right = LakeManifest.Empty with
    {
        Version = 7,
        Position = 1234,
        NextNumber = 15,
        SeriesCount = 3,
        Files = [.. Enumerable.Range(1, 4).Select(File)],
    };

    [Fact]
    public void Parse_nearlyRightBytes_areRefusedOrThoseOfTheManifest() => Fuzz.Run(10_000, random => Mutation.Of(random, LakeManifestJson.Serialize(Right, Folder)), (bytes, _) => Fuzz.Bounded(4 << 20, () =>
    {
        LakeManifest? read = null;
        if (!Fuzz.Succeeds(() => read = LakeManifestJson.Parse(bytes, Folder, "manifest.json"), fault => fault is EngineException { IsTransient: false })) return;
        Assert.Equal(LakeManifestJson.Serialize(Right, Folder), LakeManifestJson.Serialize(read!, Folder)); // The checksum lets nothing else through.
    }));

    [Fact]
    public void Parse_nearlyRightBodies_areRefusedOrReadAsWritten() => Fuzz.Run(10_000, random => Mutation.Of(random, Body()), (body, _) => Fuzz.Bounded(4 << 20, () =>
    {
        var text = $$"""{"format":1,"checksum":"crc32c:{{Crc32C.Of(Encoding.UTF8.GetBytes(body)):x8}}","lake":{{body}}}""";
        LakeManifest? read = null;
        if (!Fuzz.Succeeds(() => read = LakeManifestJson.Parse(Encoding.UTF8.GetBytes(text), Folder, "manifest.json"), fault => fault is EngineException { IsTransient: false })) return;
        var again = LakeManifestJson.Parse(LakeManifestJson.Serialize(read!, Folder), Folder, "manifest.json");
        Assert.Equal(LakeManifestJson.Serialize(read!, Folder), LakeManifestJson.Serialize(again, Folder));
        Assert.All(read!.Files, file => Assert.StartsWith(Folder + "/", Path.GetFullPath(file.Path), StringComparison.Ordinal));
    }));

    private static string Body()
    {
        using var json = JsonDocument.Parse(LakeManifestJson.Serialize(Right, Folder));
        return json.RootElement.GetProperty("lake").GetRawText();
    }

    private static LakeFile File(int number) => new()
    {
        Path = $"{Folder}/samples/date=2026-03-01/hour=10/000000000{number}.parquet",
        Kind = (LakeFileKind)(number - 1),
        Number = number,
        Rank = number,
        PartitionStart = 1_772_359_200_000_000,
        MinTime = 1_772_359_200_000_000,
        MaxTime = 1_772_359_300_000_000,
        MinSeries = 0,
        MaxSeries = 2,
        Rows = 10,
        Bytes = 1000,
        IsLate = number == 2,
        Level = 0,
    };
}
