namespace DataLayer.Daemon.Options;

/// <summary>What agents may do: protocol section 7.</summary>
public sealed class LimitOptions
{
    [Option("The longest message, said in welcome.", IsBytes = true, Min = "1 KiB", Max = "1 GiB")]
    public int MaxMessageBytes { get; set; } = 16 << 20;

    [Option("The longest batch once unpacked, said in welcome.", IsBytes = true, Min = "1 KiB", Max = "1 GiB")]
    public int MaxBatchBytes { get; set; } = 64 << 20;

    [Option("Series in one schema.", Min = "1", Max = "1048576")]
    public int SeriesPerSchema { get; set; } = 65_536;

    [Option("Schemas of all connections together; one past it is refused with error 2.", Min = "1", Max = "1048576")]
    public int Schemas { get; set; } = 4_096;

    [Option("Memory of the schemas of all connections.", IsBytes = true, Min = "1 MiB", Max = "64 GiB")]
    public long SchemaBytes { get; set; } = 1L << 30;

    [Option("Series on this server; a new one past it is refused with error 6.", Min = "1", Max = "1000000000")]
    public int Series { get; set; } = 10_000_000;

    [Option("Series that one agent may add; a new one past it is refused with error 6.", Min = "1", Max = "1000000000")]
    public int SeriesPerAgent { get; set; } = 1_000_000;

    [Option("A sample's time may be this far after its arrival.", Min = "0", Max = "36500 d")]
    public TimeSpan MaxFuture { get; set; } = TimeSpan.FromHours(1);

    [Option("The earliest time of a sample; an earlier one is refused with error 4.", Min = "1970-01-01T00:00:00Z", Max = "2100-01-01T00:00:00Z")]
    public DateTimeOffset MinTime { get; set; } = DateTimeOffset.UnixEpoch;

    [Option("Memory of the unfinished messages of all connections, those under 64 KiB not counted; past it a connection is closed with error 7.", IsBytes = true, Min = "1 MiB", Max = "64 GiB")]
    public long UnfinishedBytes { get; set; } = 1L << 30;
}
