namespace DataLayer.Daemon.Options;

/// <summary>The log that an ack waits for.</summary>
public sealed class LogOptions
{
    [Option("Bytes of one segment; the log frees disk by whole segments.", IsBytes = true, Min = "1 MiB", Max = "1 GiB")]
    public int SegmentBytes { get; set; } = 64 << 20;

    [Option("Disk that the log may take; past it new data are refused with error 7.", IsBytes = true, Min = "16 MiB", Max = "1024 TiB")]
    public long MaxBytes { get; set; } = 16L << 30;
}
