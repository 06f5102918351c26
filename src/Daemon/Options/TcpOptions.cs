namespace DataLayer.Daemon.Options;

/// <summary>Agents' connections over TCP.</summary>
public sealed class TcpOptions
{
    [Option("Connections at once; more are closed at once. An idle connection takes about 6 KiB.", Min = "1", Max = "1000000")]
    public int MaxConnections { get; set; } = 20_000;

    [Option("Bytes that one receive can take; memory blocks of this size are shared by the connections that are receiving.", IsBytes = true, Min = "4 KiB", Max = "1 MiB")]
    public int ReceiveBlockBytes { get; set; } = 128 * 1024;

    [Option("A peer that lets this many bytes of answers wait without reading them is closed.", IsBytes = true, Min = "4 KiB", Max = "16 MiB")]
    public int MaxUnreadAnswerBytes { get; set; } = 256 * 1024;

    [Option("A connection that leaves a message unfinished for this long is closed.", Min = "1 s", Max = "1 h")]
    public TimeSpan UnfinishedMessageTimeout { get; set; } = TimeSpan.FromSeconds(60);

    [Option("Where a token is required: a connection that has not finished its hello in this time is closed.", Min = "1 s", Max = "10 m")]
    public TimeSpan HelloTimeout { get; set; } = TimeSpan.FromSeconds(10);

    [Option("A silent connection is probed after this time, and closed after three probes without an answer, 10 s apart.", Min = "1 s", Max = "2 h")]
    public TimeSpan KeepAlive { get; set; } = TimeSpan.FromSeconds(60);

    [Option("The token that agents say in hello; empty: none is asked for. Do not write it in a file that others can read: use the environment, `DataLayer__Tcp__Token`.", IsSecret = true)]
    public string Token { get; set; } = "";
}
