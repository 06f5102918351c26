using DataLayer.Ingest.Records;

namespace DataLayer.Ingest;

/// <summary>A task that is done when a record is durable. What follows runs on the thread pool, not on the commit thread.</summary>
internal sealed class DurableWait : IAckTarget
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Task => _done.Task;

    public void OnDurable(long lsn) => _done.TrySetResult();

    public void OnApplied(long lsn)
    {
        // Not asked for.
    }
}
