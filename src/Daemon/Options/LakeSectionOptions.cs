namespace DataLayer.Daemon.Options;

/// <summary>The embedded store at rest: Parquet files.</summary>
public sealed class LakeSectionOptions
{
    [Option("Samples go from memory to files at least this often. Longer: fewer files, more memory, a longer replay after a crash.", Min = "1 s", Max = "1 d")]
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromSeconds(10);

    [Option("Samples go from memory to files when there are so many of them.", Min = "1000", Max = "1000000000")]
    public long FlushSamples { get; set; } = 16_000_000;

    [Option("Raw samples older than this are deleted; 0: kept for ever.", Min = "0", Max = "36500 d")]
    public TimeSpan RawRetention { get; set; }

    [Option("Rollups of one minute older than this are deleted; 0: kept for ever.", Min = "0", Max = "36500 d")]
    public TimeSpan MinuteRetention { get; set; }

    [Option("Rollups of one hour older than this are deleted; 0: kept for ever.", Min = "0", Max = "36500 d")]
    public TimeSpan HourRetention { get; set; }

    [Option("Events older than this are deleted, by whole days; 0: kept for ever.", Min = "0", Max = "36500 d")]
    public TimeSpan EventRetention { get; set; }

    [Option("Disk that raw samples may take; past it the oldest are deleted. 0: no limit.", IsBytes = true, Min = "0", Max = "1024 TiB")]
    public long MaxRawBytes { get; set; }

    [Option("Disk that rollups of one minute may take; 0: no limit.", IsBytes = true, Min = "0", Max = "1024 TiB")]
    public long MaxMinuteBytes { get; set; }

    [Option("Disk that rollups of one hour may take; 0: no limit.", IsBytes = true, Min = "0", Max = "1024 TiB")]
    public long MaxHourBytes { get; set; }

    [Option("Memory for decoded columns of files that queries read again and again; 0: none is kept.", IsBytes = true, Min = "0", Max = "1 TiB")]
    public long CacheBytes { get; set; } = 512L << 20;

    [Option("How often files are compacted and retention is applied.", Min = "1 s", Max = "1 d")]
    public TimeSpan MaintenanceInterval { get; set; } = TimeSpan.FromMinutes(1);

    [Option("Metrics whose rollups keep a quantile sketch, by name; a * at the end stands for any ending.")]
    public string[] SketchMetrics { get; set; } = [];
}
