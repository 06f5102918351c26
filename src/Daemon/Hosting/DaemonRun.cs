using System.Diagnostics;
using System.Net;
using DataLayer.Daemon.Collector;
using DataLayer.Daemon.Options;
using DataLayer.Daemon.Tcp;
using Microsoft.Extensions.Hosting.Systemd;

namespace DataLayer.Daemon.Hosting;

/// <summary>One run of a daemon whose HTTP listens: recovery, work, and the stop in good order.</summary>
internal sealed class DaemonRun(WebApplication app, DaemonNode node, Endpoints endpoints, ILogger logger) : IDisposable
{
    private readonly SystemdNotifier _systemd = new();
    private readonly CancellationTokenSource _ends = new();
    private readonly List<Task> _workers = [];

    private TimeProvider Time => app.Services.GetRequiredService<TimeProvider>();

    private DaemonOptions Options => node.Options;

    public async Task<int> RunAsync(CancellationToken stopping)
    {
        try
        {
            await node.OpenAsync((IPEndPoint)endpoints.Ingest.EndPoint, stopping);
            StartWorkers();
            app.Services.GetRequiredService<EngineReload>().Listen();
            Log.Ready(logger, node.Uptime.TotalSeconds, Found());
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

    public void Dispose() => _ends.Dispose();

    private string Found()
    {
        var recovered = node.Store.Recovered!;
        var torn = recovered.Torn is null ? "" : ", an unfinished commit at the end of the log was cut off (none of it was acked)";
        return $"{node.Pipeline.Registry.Count} series, {recovered.Samples} samples read from the log{torn}";
    }

    private void StartWorkers()
    {
        _workers.Add(app.Services.GetRequiredService<ConnectionTable>().WatchAsync(node.Sessions.Options, _ends.Token));
        _workers.Add(node.Flusher.RunAsync(_ends.Token));
        _workers.Add(node.Feeds.WatchAsync(_ends.Token));
        _workers.Add(node.Maintenance.RunAsync(Options.Lake.MaintenanceInterval, _ends.Token));
        _workers.Add(new HealthWatch(node, Time, logger).RunAsync(_ends.Token));
        _workers.Add(Task.Run(() => QueryWarmUp.RunAsync(node.Queries, node.Lake, node.Pipeline.Registry, _ends.Token)));
        if (Watchdog.Period(Environment.GetEnvironmentVariable) is { } period) _workers.Add(new Watchdog(node.Pipeline, _systemd, Time, logger).RunAsync(period, _ends.Token));
        if (Options.HostCollector) _workers.Add(new HostCollector((IPEndPoint)endpoints.Ingest.EndPoint, Options.Tcp.Token, Time, logger).RunAsync(_ends.Token));
    }

    private async Task StopAsync()
    {
        var started = Stopwatch.GetTimestamp();
        Log.Stopping(logger);
        _systemd.Notify(ServiceState.Stopping);
        await _ends.CancelAsync();
        await EndWorkersAsync();
        node.BeginStop();
        await app.StopAsync();
        var detail = await node.CloseAsync();
        Log.Stopped(logger, Stopwatch.GetElapsedTime(started).TotalSeconds, detail);
    }

    private async Task EndWorkersAsync()
    {
        foreach (var worker in _workers)
        {
            try
            {
                await worker.WaitAsync(Options.StopTimeout);
            }
            catch (OperationCanceledException)
            {
                // As asked.
            }
            catch (Exception error)
            {
                Log.WorkerEnded(logger, error);
            }
        }
    }
}
