namespace DataLayer.Daemon.Options;

/// <summary>Queries over HTTP.</summary>
public sealed class QueryOptions
{
    [Option("A query that takes longer is ended.", Min = "100 ms", Max = "1 h")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    [Option("SQL queries at once; more wait, and get 503 after the timeout.", Min = "1", Max = "1024")]
    public int Concurrency { get; set; } = 2;

    [Option("Memory of all SQL queries.", IsBytes = true, Min = "64 MiB", Max = "1 TiB")]
    public long MemoryBytes { get; set; } = 512L << 20;

    [Option("Rows in one answer; longer answers are refused.", Min = "1", Max = "1000000000")]
    public int MaxRows { get; set; } = 1_000_000;

    [Option("Threads of SQL queries; 0: half of the cores.", Min = "0", Max = "256")]
    public int Threads { get; set; }
}
