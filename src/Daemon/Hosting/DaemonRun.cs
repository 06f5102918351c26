using System.Diagnostics;
using Microsoft.Extensions.Hosting.Systemd;

namespace DataLayer.Daemon.Hosting;

/// <summary>One run of a daemon whose HTTP listens: recovery, work, and the stop in good order.</summary>
internal sealed class DaemonRun(WebApplication app, DaemonNode node, Endpoints endpoints, ILogger logger)
{
    private readonly SystemdNotifier _systemd = new();

    public async Task<int> RunAsync(CancellationToken stopping)
    {
        var opening = node.OpenAsync(stopping);
        try
        {
            await opening;
            await node.Ready;
            Log.Ready(logger, node.Uptime.TotalSeconds, $"agents may send to {endpoints.Ingest.EndPoint}");
            _systemd.Notify(ServiceState.Ready);
            await Task.Delay(Timeout.Infinite, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Asked to stop: the way to do it is below.
        }
        finally
        {
            await StopAsync();
        }

        return ExitCodes.Ok;
    }

    private async Task StopAsync()
    {
        var started = Stopwatch.GetTimestamp();
        Log.Stopping(logger);
        _systemd.Notify(ServiceState.Stopping);
        node.BeginStop();
        await app.StopAsync();
        var detail = await node.CloseAsync();
        Log.Stopped(logger, Stopwatch.GetElapsedTime(started).TotalSeconds, detail);
    }
}
