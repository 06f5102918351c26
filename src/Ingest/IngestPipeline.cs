using DataLayer.Ingest.Records;
using DataLayer.Ingest.Series;
using DataLayer.Ingest.Shards;

namespace DataLayer.Ingest;

/// <summary>
/// The hot path as its users see it: sessions publish records, the commit thread makes them durable, the shards make them visible.
/// Owned by the daemon; every method is safe from any thread unless it says otherwise.
/// </summary>
public sealed class IngestPipeline : IRecordSink, IAsyncDisposable
{
    /// <summary>Number of shards, each with a thread and the series that are its own.</summary>
    public int ShardCount => throw new NotImplementedException();

    public SeriesRegistry Registry => throw new NotImplementedException();

    /// <summary>The highest LSN that is on disk. 0: none yet. LSNs start at 1 and have no gaps.</summary>
    public long DurableLsn => throw new NotImplementedException();

    /// <summary>The highest LSN that every shard has applied: visible to queries.</summary>
    public long AppliedLsn => throw new NotImplementedException();

    /// <summary>Why new data are refused now; <see cref="Admission.Open"/> when they are not.</summary>
    public Admission Admission => throw new NotImplementedException();

    /// <summary>An empty record to fill, from the pool. Never blocks; give it back by publishing or <see cref="Return"/>.</summary>
    public Record Rent() => throw new NotImplementedException();

    public void Return(Record record) => throw new NotImplementedException();

    /// <summary>
    /// Puts a filled record into the ring. False: the ring or the in-flight budget is full; the record stays the caller's, who awaits
    /// <see cref="WaitForCapacityAsync"/> and tries again (TCP, HTTP) or counts a drop (UDP).
    /// </summary>
    public bool TryPublish(Record record, out long lsn) => throw new NotImplementedException();

    public ValueTask WaitForCapacityAsync(CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>
    /// Has <paramref name="target"/> called once <paramref name="lsn"/> is durable (at once, on this thread, if it is already).
    /// One call may stand for many: the target is told the highest durable LSN.
    /// </summary>
    public void WhenDurable(IAckTarget target, long lsn) => throw new NotImplementedException();

    /// <summary>The same for "visible to queries".</summary>
    public void WhenApplied(IAckTarget target, long lsn) => throw new NotImplementedException();

    /// <summary>Makes a schema of registered series for use in rows.</summary>
    public Schema CreateSchema(int[] series) => throw new NotImplementedException();

    /// <summary>
    /// A consistent view of all samples that an engine at position the lake's position does not hold. Dispose it soon: it keeps memory alive.
    /// Take it first and the engine's snapshot second, then call <see cref="HotSnapshot.DropUpTo"/> with the engine's position.
    /// </summary>
    public HotSnapshot AcquireHot() => throw new NotImplementedException();

    /// <summary>
    /// Seals the active generation of the hot store: completes when every shard has moved on and the log is durable up to its end.
    /// One at a time. Null when there is nothing to seal.
    /// </summary>
    public Task<SealedGeneration?> SealAsync(CancellationToken cancellation) => throw new NotImplementedException();

    /// <summary>Drops a sealed generation once the lake holds it; its memory is reused when the last snapshot is disposed.</summary>
    public void Drop(SealedGeneration generation) => throw new NotImplementedException();

    /// <summary>Stops taking records, applies and commits what is in flight, stops the threads.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
