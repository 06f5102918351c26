using DataLayer.Ingest.Records;

namespace DataLayer.Ingest;

/// <summary>Waits until an LSN is both durable and applied.</summary>
internal sealed class LsnWait(IngestPipeline pipeline) : IAckTarget
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _lsn;

    public async Task UntilAsync(long lsn, CancellationToken cancellation)
    {
        _lsn = lsn;
        pipeline.WhenDurable(this, lsn);
        pipeline.WhenApplied(this, lsn);
        await _done.Task.WaitAsync(cancellation);
    }

    public void OnDurable(long lsn) => Look();

    public void OnApplied(long lsn) => Look();

    private void Look()
    {
        if (pipeline.DurableLsn >= _lsn && pipeline.AppliedLsn >= _lsn) _done.TrySetResult();
    }
}
