using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Ring;

/// <summary>Who waits for an LSN to be reached, the lowest first. Any thread adds, any thread that moves the LSN notifies. Bounded by the records in flight.</summary>
internal sealed class AckWaiters(bool durable)
{
    private readonly Lock _lock = new();
    private readonly PriorityQueue<IAckTarget, long> _waiting = new();
    private long _lowest = long.MaxValue;

    public void Add(IAckTarget target, long lsn)
    {
        lock (_lock)
        {
            _waiting.Enqueue(target, lsn);
            Volatile.Write(ref _lowest, Math.Min(_lowest, lsn)); // Pairs with the read in TryTake.
        }
    }

    /// <summary>
    /// Tells everyone who waits for <paramref name="reached"/> or less. Cheap when nobody does. A waiter leaves the queue only to be told,
    /// so two threads that notify at once miss nobody.
    /// </summary>
    public void Notify(long reached)
    {
        while (TryTake(reached, out var target)) Tell(target, reached);
    }

    public void Tell(IAckTarget target, long reached)
    {
        if (durable) target.OnDurable(reached);
        else target.OnApplied(reached);
    }

    private bool TryTake(long reached, out IAckTarget target)
    {
        target = null!;
        if (Volatile.Read(ref _lowest) > reached) return false;
        lock (_lock)
        {
            if (!_waiting.TryPeek(out target!, out var lsn) || lsn > reached) return false;
            _waiting.Dequeue();
            Volatile.Write(ref _lowest, _waiting.TryPeek(out _, out var next) ? next : long.MaxValue);
            return true;
        }
    }
}
