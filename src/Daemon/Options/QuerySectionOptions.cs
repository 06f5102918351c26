namespace DataLayer.Daemon.Options;

/// <summary>Queries over HTTP.</summary>
public sealed class QuerySectionOptions
{
    [Option("A query that takes longer is ended.", Min = "100 ms", Max = "1 h")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    [Option("Queries at once, those of SQL and the others each; more wait.", Min = "1", Max = "64")]
    public int Concurrency { get; set; } = 2;

    [Option("Threads that samples queries use, all together; each has one in any case, more only where they are free. 0: one for each processor.", Min = "0", Max = "1024")]
    public int Threads { get; set; }

    [Option("SQL queries that wait; more get 503.", Min = "0", Max = "10000")]
    public int MaxWaiting { get; set; } = 32;

    [Option("Memory of all SQL queries.", IsBytes = true, Min = "64 MiB", Max = "1 TiB")]
    public long MemoryBytes { get; set; } = 512L << 20;

    [Option("Rows in one answer; what is more is cut, and the answer says so.", Min = "1", Max = "1000000000")]
    public int MaxRows { get; set; } = 1_000_000;
}
