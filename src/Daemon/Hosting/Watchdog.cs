using DataLayer.Ingest;
using Microsoft.Extensions.Hosting.Systemd;

namespace DataLayer.Daemon.Hosting;

/// <summary>
/// Tells systemd that the daemon lives, as long as its commit thread and every shard go around their loops; a daemon that answers HTTP
/// but stores nothing is as good as dead, and is restarted. Does nothing where systemd has set no watchdog.
/// </summary>
internal sealed class Watchdog(IngestPipeline pipeline, SystemdNotifier systemd, TimeProvider time, ILogger logger)
{
    private readonly SystemdNotifier _systemd = systemd;
    private long _lastBeat = -1;
    private long _lastProgress = time.GetTimestamp();

    /// <summary>WATCHDOG_USEC of sd_notify(3), or null where no watchdog waits for this process.</summary>
    public static TimeSpan? Period(Func<string, string?> environment)
    {
        if (environment("WATCHDOG_PID") is { } pid && pid != Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture)) return null;
        return long.TryParse(environment("WATCHDOG_USEC"), out var micros) && micros > 0 ? TimeSpan.FromMicroseconds(micros) : null;
    }

    public async Task RunAsync(TimeSpan period, CancellationToken cancellation)
    {
        // Half the period is what sd_watchdog_enabled(3) recommends; a quarter leaves room for a pause.
        using var timer = new PeriodicTimer(period / 4, time);
        while (await timer.WaitForNextTickAsync(cancellation))
        {
            if (IsAlive(period)) _systemd.Notify(new ServiceState("WATCHDOG=1"));
        }
    }

    /// <summary>Whether the pipeline has made progress within <paramref name="period"/>.</summary>
    internal bool IsAlive(TimeSpan period)
    {
        var beat = pipeline.Heartbeat;
        if (beat != _lastBeat)
        {
            (_lastBeat, _lastProgress) = (beat, time.GetTimestamp());
            return true;
        }

        var still = time.GetElapsedTime(_lastProgress);
        if (still < period) return true;
        Log.Stalled(logger, still.TotalSeconds, "the pipeline");
        return false;
    }
}
