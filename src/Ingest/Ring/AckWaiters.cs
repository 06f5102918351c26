using System.Collections.Concurrent;
using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Ring;

/// <summary>Who waits for an LSN to be reached. Any thread adds; the threads that move the LSN notify. Bounded by the records in flight.</summary>
internal sealed class AckWaiters(bool durable)
{
    private readonly ConcurrentQueue<(IAckTarget Target, long Lsn)> _waiting = new();

    public bool IsEmpty => _waiting.IsEmpty;

    public void Add(IAckTarget target, long lsn) => _waiting.Enqueue((target, lsn));

    /// <summary>Tells everyone who waits for <paramref name="reached"/> or less.</summary>
    public void Notify(long reached)
    {
        for (var count = _waiting.Count; count > 0 && _waiting.TryDequeue(out var waiter); count--)
        {
            if (waiter.Lsn > reached) _waiting.Enqueue(waiter);
            else Tell(waiter.Target, reached);
        }
    }

    public void Tell(IAckTarget target, long reached)
    {
        if (durable) target.OnDurable(reached);
        else target.OnApplied(reached);
    }
}
