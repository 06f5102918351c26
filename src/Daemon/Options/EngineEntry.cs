namespace DataLayer.Daemon.Options;

/// <summary>One engine beside the lake. Entry N of the list "DataLayer:Engines" of datalayer.json, or in the environment: DataLayer__Engines__N__Kind=postgres.</summary>
public sealed class EngineEntry
{
    [Option("What the engine is called in status, metrics and commands: lower-case letters, digits, `-`, `_`; empty: its kind.")]
    public string Name { get; set; } = "";

    [Option("`postgres`, `clickhouse`, `redis` or `mongo`. (`lake` names the embedded one, which is always there and has a section of its own.)")]
    public string Kind { get; set; } = "";

    [Option("Where the server is, as its driver writes it; docs/engines has an example for each kind.", IsSecret = true)]
    public string ConnectionString { get; set; } = "";

    [Option("A file that holds the connection string instead.")]
    public string ConnectionStringFile { get; set; } = "";

    [Option("The user, if the connection string does not name one.")]
    public string Username { get; set; } = "";

    [Option("The user's password. Better in the environment or in a file.", IsSecret = true)]
    public string Password { get; set; } = "";

    [Option("A file that holds the password; read anew at each reload.")]
    public string PasswordFile { get; set; } = "";

    [Option("Connections to the server at most.", Min = "1", Max = "1000")]
    public int PoolSize { get; set; } = 4;

    [Option("Samples of a batch in quiet times; while a write is under way the next batch grows to sixteen times as many. 0: what suits the kind (10,000; clickhouse 100,000).", Min = "0", Max = "10000000")]
    public int BatchRows { get; set; }

    [Option("Memory that a batch may take.", IsBytes = true, Min = "64 KiB", Max = "1 GiB")]
    public long BatchBytes { get; set; } = 64L << 20;

    [Option("How long samples may wait for a batch to fill. 0: what suits the kind (50 ms; clickhouse 1 s, redis 2 ms).", Min = "0", Max = "1 h")]
    public TimeSpan FlushInterval { get; set; }

    [Option("How long one call to the server may take.", Min = "1 s", Max = "1 h")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    [Option("Compression on the wire, where the driver has it.")]
    public bool Compression { get; set; } = true;

    [Option("What the engine is to hold, of `raw`, `rollups`, `latest`; empty: what is usual for the kind.")]
    public string[] Takes { get; set; } = [];

    [Option("Names of series that the engine gets; a * at the end stands for any ending; empty: all.")]
    public string[] Names { get; set; } = [];

    [Option("Labels that a series must have for the engine to get it, each as `label=value`.")]
    public string[] Labels { get; set; } = [];

    [Option("Samples older than this are deleted in the engine; 0: kept for ever.", Min = "0", Max = "36500 d")]
    public TimeSpan Retention { get; set; }

    [Option("A PEM file with the certificates to trust instead of the system's.")]
    public string TlsCa { get; set; } = "";

    [Option("A PEM file with the client's certificate.")]
    public string TlsCertificate { get; set; } = "";

    [Option("A PEM file with the key of the client's certificate.")]
    public string TlsKey { get; set; } = "";

    [Option("What happens when the log is nearly full because this engine has not got its samples: `refuse` new data (error 7), or `detach` the engine, which a rebuild fills again.")]
    public string WhenLogFull { get; set; } = "refuse";

    [Option("Whether a new engine gets from the lake what the log no longer holds.")]
    public bool Backfill { get; set; } = true;
}
