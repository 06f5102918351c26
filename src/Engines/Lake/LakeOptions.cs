namespace DataLayer.Engines.Lake;

/// <summary>How the lake stores and keeps. Every limit has a default that suits one server.</summary>
public sealed class LakeOptions
{
    /// <summary>The lake's folder, normally DATA/lake.</summary>
    public required string Directory { get; init; }

    /// <summary>How old raw samples, minute and hour rollups may get; null: for ever. Whole hours (raw) and days (rollups) are dropped.</summary>
    public TimeSpan? RawRetention { get; init; } = TimeSpan.FromDays(30);

    public TimeSpan? RollupMinuteRetention { get; init; } = TimeSpan.FromDays(180);

    public TimeSpan? RollupHourRetention { get; init; }

    /// <summary>How old events may get; whole days are dropped.</summary>
    public TimeSpan? EventRetention { get; init; }

    /// <summary>Bytes on disk that raw samples, minute and hour rollups may take; past that the oldest partitions go. Null: no limit.</summary>
    public long? RawBytesMax { get; init; }

    public long? RollupMinuteBytesMax { get; init; }

    public long? RollupHourBytesMax { get; init; }

    /// <summary>Merge this many files of the same level of an open partition: 8 keeps an hour of 10-second flushes (360) under 25 files, each sample written three times.</summary>
    public int CompactionFanIn { get; init; } = 8;

    /// <summary>An hour or day is closed, and merged to one file, this long after its end.</summary>
    public TimeSpan CompactionGrace { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>A merge starts a new file at this many rows, at the next series.</summary>
    public long FileRowsMax { get; init; } = 256L * 1024 * 1024;

    /// <summary>zstd level of every column: on delta-packed columns higher ones cost more time and save no bytes (1: 1.089 B in 10.7 ns a value; 3: 1.091 B in 16.7 ns).</summary>
    public int ZstdLevel { get; init; } = 1;

    /// <summary>A batch half as large again as the flusher's usual 16 M samples: the hot store fills faster than a quiet flush empties it.</summary>
    public long UrgentSamples { get; init; } = 24_000_000;

    /// <summary>Rows per row group: a point query decodes one row group per file.</summary>
    public int RowGroupRows { get; init; } = 128 * 1024;

    /// <summary>Memory for decoded columns that queries read again and again; 0: none.</summary>
    public long CacheBytes { get; init; } = 512L << 20;

    /// <summary>Hours that one pass over a batch writes at once: bounds open files and memory when a batch is spread over years.</summary>
    public int OpenHoursMax { get; init; } = 64;

    /// <summary>Metric names, with '*' for any characters, whose rollups carry a quantile sketch.</summary>
    public IReadOnlyList<string> SketchMetrics { get; init; } = [];
}
