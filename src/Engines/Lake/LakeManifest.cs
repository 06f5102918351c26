using System.Collections.Immutable;

namespace DataLayer.Engines.Lake;

/// <summary>
/// One state of the lake: its position and its files. Immutable; every change makes a new one, and is there as a whole or not at all.
/// </summary>
internal sealed record LakeManifest
{
    public static LakeManifest Empty { get; } = new();

    /// <summary>Counts the states of this lake; not stored twice for two states.</summary>
    public long Version { get; init; }

    /// <summary>Every record up to this LSN is in the files.</summary>
    public long Position { get; init; }

    /// <summary>The next file gets this number or a higher one.</summary>
    public long NextNumber { get; init; } = 1;

    /// <summary>The series 0 … SeriesCount-1 are in the series files.</summary>
    public int SeriesCount { get; init; }

    /// <summary>Raw samples before this time (Unix microseconds) were given up by retention; long.MinValue: none were.</summary>
    public long RawFrom { get; init; } = long.MinValue;

    /// <summary>The greatest time (Unix microseconds) of a sample that the rollups leave out; long.MinValue: none was.</summary>
    public long LeftOutTo { get; init; } = long.MinValue;

    /// <summary>Ordered by kind, partition, rank, number.</summary>
    public ImmutableArray<LakeFile> Files { get; init; } = [];

    public IEnumerable<LakeFile> Of(LakeFileKind kind) => Files.Where(file => file.Kind == kind);

    /// <summary>The state after <paramref name="removed"/> are replaced by <paramref name="added"/>.</summary>
    public LakeManifest With(IEnumerable<LakeFile> added, IReadOnlySet<long> removed) => this with
    {
        Version = Version + 1,
        Files = [.. Files.Where(file => !removed.Contains(file.Number)).Concat(added)
            .OrderBy(file => file.Kind).ThenBy(file => file.PartitionStart).ThenBy(file => file.Rank).ThenBy(file => file.Number)],
    };
}
