using System.Runtime.InteropServices;
using DataLayer.Daemon.Options;
using DataLayer.Engines;

namespace DataLayer.Daemon.Hosting;

/// <summary>
/// Reads the configuration again and makes the feeds those of its list of engines; everything else takes effect at the next start. On SIGHUP, or when asked over HTTP. One at a time.
/// </summary>
internal sealed class EngineReload(DaemonNode node, Func<LoadedOptions> load, ILogger<EngineReload> logger) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1, 1);
    private PosixSignalRegistration? _signal;

    /// <summary>From now on SIGHUP reloads instead of ending the process.</summary>
    public void Listen() => _signal ??= PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
    {
        context.Cancel = true;
        _ = Task.Run(OnSignalAsync);
    });

    /// <summary>What was done, one line each. Throws <see cref="ConfigurationException"/> or <see cref="EngineException"/>; then nothing has changed.</summary>
    public async Task<IReadOnlyList<string>> RunAsync()
    {
        await _one.WaitAsync();
        try
        {
            var done = await node.Feeds.ApplyAsync(load().Options.Engines);
            foreach (var line in done) Log.EngineChanged(logger, line);
            return done;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose()
    {
        _signal?.Dispose();
        _one.Dispose();
    }

    private async Task OnSignalAsync()
    {
        try
        {
            await RunAsync();
        }
        catch (Exception error)
        {
            // The edge of the signal: the daemon goes on with what it had.
            Log.ReloadFailed(logger, error is ConfigurationException configuration ? string.Join(" ", configuration.Faults) : error.Message);
        }
    }
}
