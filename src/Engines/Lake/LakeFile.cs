namespace DataLayer.Engines.Lake;

/// <summary>One Parquet file of the lake as the manifest lists it. Immutable; the file on disk never changes either.</summary>
public sealed record LakeFile
{
    /// <summary>Given out one after another, never twice; part of the file's name.</summary>
    public required long Number { get; init; }

    /// <summary>
    /// The number of the newest flush in the file. Where two files of a partition hold the same key, the higher rank wins.
    /// For a flushed file it is its number; a merged file takes the highest of its inputs.
    /// </summary>
    public required long Rank { get; init; }

    public required LakeFileKind Kind { get; init; }

    /// <summary>The absolute path.</summary>
    public required string Path { get; init; }

    /// <summary>Start of the hour (samples) or day (rollups, events), Unix microseconds; 0 for series.</summary>
    public required long PartitionStart { get; init; }

    /// <summary>Least and greatest time (rollups: start of a bucket) in the file, Unix microseconds; 0 for series.</summary>
    public long MinTime { get; init; }

    public long MaxTime { get; init; }

    public int MinSeries { get; init; }

    public int MaxSeries { get; init; }

    public long Rows { get; init; }

    public long Bytes { get; init; }

    /// <summary>Samples only: some (series, time) of the file may be in a file of lower rank of its partition as well.</summary>
    public bool IsLate { get; init; }

    /// <summary>How many times its samples were merged: 0 as flushed.</summary>
    public int Level { get; init; }

    /// <summary>Events only.</summary>
    public EventExtent? Events { get; init; }

    public bool MayHold(int series, long startMicros, long endMicros) =>
        series >= MinSeries && series <= MaxSeries && OverlapsTime(startMicros, endMicros);

    public bool OverlapsTime(long startMicros, long endMicros) => MaxTime >= startMicros && MinTime < endMicros;
}
