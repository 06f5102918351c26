using System.Runtime.InteropServices;

namespace DataLayer.Daemon.Hosting;

/// <summary>SIGTERM, SIGINT and SIGQUIT stop the daemon in good order. The exit code stays Main's.</summary>
internal sealed class ConsoleLifetimeWithoutTalk(IHostApplicationLifetime application) : IHostLifetime, IDisposable
{
    private readonly List<PosixSignalRegistration> _signals = [];

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        foreach (var signal in new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT })
        {
            _signals.Add(PosixSignalRegistration.Create(signal, Stop));
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _signals.ForEach(signal => signal.Dispose());

    private void Stop(PosixSignalContext context)
    {
        // Without this the runtime would end the process while it still drains.
        context.Cancel = true;
        application.StopApplication();
    }
}
