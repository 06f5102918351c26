namespace DataLayer.LoadTest;

/// <summary>Datagrams received, dropped by the kernel before that, and missing by their sources' numbers.</summary>
internal sealed record UdpStatus(long Datagrams, long KernelDrops, long Missing);
