namespace DataLayer.Query;

/// <summary>
/// The threads that samples queries compute on, all queries of a process together. A query always has one; it takes more only where they are free,
/// and gives each back as soon as there is nothing left for it to do. Safe from any thread.
/// </summary>
internal sealed class QueryThreads(int max)
{
    private int _used;

    /// <summary>Threads in use now: more than <c>max</c> only as far as each query has one.</summary>
    public int Used => Volatile.Read(ref _used);

    /// <summary>Takes up to <paramref name="wanted"/> threads, one at least; returns how many. Never waits.</summary>
    public int Take(int wanted)
    {
        while (true)
        {
            var used = Volatile.Read(ref _used);
            var count = Math.Max(1, Math.Min(wanted, max - used));
            if (Interlocked.CompareExchange(ref _used, used + count, used) == used) return count;
        }
    }

    public void ReturnOne() => Interlocked.Decrement(ref _used);
}
