using System.Net;
using DataLayer.Client;

namespace DataLayer.Daemon.Collector;

/// <summary>
/// Measures this host every second and sends it to the daemon as any other agent would: over TCP, in numbered batches, acked when durable.
/// So a new user has real data at once, and the whole path is in use from the first second.
/// </summary>
internal sealed class HostCollector(IPEndPoint daemon, string token, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private long _stored;

    /// <summary>Samples acked so far.</summary>
    public long Stored => Volatile.Read(ref _stored);

    public async Task RunAsync(CancellationToken cancellation)
    {
        await using var client = new DataLayerClient(new DataLayerClientOptions
        {
            Ingest = Reachable(daemon).ToString(),
            Agent = "host-collector",
            Token = token.Length == 0 ? null : token,
            TimeProvider = time,
        });
        var probe = new HostProbe("/proc", Environment.MachineName);
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            await SendOnceAsync(client, probe, cancellation);
        }
        while (await timer.WaitForNextTickAsync(cancellation));
    }

    private async Task SendOnceAsync(DataLayerClient client, HostProbe probe, CancellationToken cancellation)
    {
        var missing = probe.Missing.Count;
        var samples = probe.Read(time.GetUtcNow());
        if (probe.Missing.Count > missing) Log.HostFilesUnreadable(logger, string.Join(", ", probe.Missing));
        try
        {
            var result = await client.StoreAsync(samples, cancellation);
            Volatile.Write(ref _stored, _stored + result.Accepted);
        }
        catch (DataLayerException error)
        {
            Log.WorkerFailed(logger, "The host collector", Interval.TotalSeconds, error);
        }
    }

    /// <summary>A daemon that listens on every address is reached on the loopback.</summary>
    private static IPEndPoint Reachable(IPEndPoint listening) =>
        listening.Address.Equals(IPAddress.Any) ? new IPEndPoint(IPAddress.Loopback, listening.Port)
        : listening.Address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(IPAddress.IPv6Loopback, listening.Port)
        : listening;
}
