namespace DataLayer.Daemon.Options;

/// <summary>Agents' datagrams.</summary>
public sealed class UdpOptions
{
    [Option("Whether datagrams are taken.")]
    public bool Enabled { get; set; } = true;

    [Option("The socket's receive buffer that is asked of the kernel; what it gives is in the metrics. More than net.core.rmem_max needs CAP_NET_ADMIN.", IsBytes = true, Min = "64 KiB", Max = "1 GiB")]
    public int ReceiveBufferBytes { get; set; } = 32 * 1024 * 1024;

    [Option("Datagrams that one system call can take; each has a buffer of 64 KiB.", Min = "1", Max = "1024")]
    public int DatagramsPerReceive { get; set; } = 64;
}
