namespace DataLayer.Ingest.Sessions;

/// <summary>Bytes (or pieces) that all sessions together may hold of something. Thread: any. Blocks: no.</summary>
public sealed class MemoryBudget(long limit)
{
    private long _used;

    public long Limit { get; } = limit;

    public long Used => Interlocked.Read(ref _used);

    /// <summary>Takes all of <paramref name="amount"/>, or nothing and returns false.</summary>
    public bool TryTake(long amount)
    {
        if (Interlocked.Add(ref _used, amount) <= Limit) return true;
        Interlocked.Add(ref _used, -amount);
        return false;
    }

    public void Return(long amount) => Interlocked.Add(ref _used, -amount);
}
