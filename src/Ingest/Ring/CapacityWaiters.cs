namespace DataLayer.Ingest.Ring;

/// <summary>Producers that found the ring full, asleep until a consumer has moved on. Each waits at most once, so their number is bounded by the connections.</summary>
internal sealed class CapacityWaiters
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _next = New();
    private int _waiting;

    /// <summary>Completes at the next <see cref="Wake"/>; at once when <paramref name="hasCapacity"/> says so after the waiter is registered.</summary>
    public Task WaitAsync(Func<bool> hasCapacity)
    {
        Task wait;
        lock (_lock)
        {
            wait = _next.Task;
            Interlocked.Exchange(ref _waiting, 1); // Full fence: either the consumer sees us waiting, or we see its progress.
        }

        return hasCapacity() ? Task.CompletedTask : wait;
    }

    /// <summary>A consumer has moved on. Cheap when nobody waits.</summary>
    public void Wake()
    {
        Interlocked.MemoryBarrier(); // Pairs with the fence in WaitAsync: our progress is out before we look for waiters.
        if (Volatile.Read(ref _waiting) != 0) WakeSlow();
    }

    private void WakeSlow()
    {
        TaskCompletionSource woken;
        lock (_lock)
        {
            woken = _next;
            _next = New();
            _waiting = 0;
        }

        woken.SetResult();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
