namespace DataLayer.Ingest.Agents;

/// <summary>
/// An agent that has said its name, and how far its batches are. Kept for ever: its sequence is what makes batches exactly-once.
/// Sessions of one agent lock it to admit a batch (check the sequence, publish, remember), so two connections of one name cannot both apply it.
/// </summary>
public sealed class Agent(int number, string name)
{
    /// <summary>1, 2, 3 …; 0 means "no agent" in records.</summary>
    public int Number { get; } = number;

    public string Name { get; } = name;

    /// <summary>Held while a batch is admitted.</summary>
    public Lock Admitting { get; } = new();

    /// <summary>The highest batch published to the ring. Guarded by: <see cref="Admitting"/>.</summary>
    public long AdmittedSeq { get; set; }

    /// <summary>The LSN of that batch: it is durable when the log is durable up to here. Guarded by: <see cref="Admitting"/>.</summary>
    public long AdmittedLsn { get; set; }

    /// <summary>Series this agent has added, for its limit. Guarded by: the registry's lock, which alone increments it.</summary>
    public int SeriesAdded;

    /// <summary>A batch known to be durable: the highest that was acked, or seen durable when the next was admitted. Through Interlocked.</summary>
    private long _durableSeq;

    /// <summary>The highest batch appended to the log. Owned by: the commit thread.</summary>
    internal long LoggedSeq;

    /// <summary>
    /// The highest batch that is durable, as far as is known: never more, and never less than what was acked as durable. This is what a welcome says.
    /// Call with <see cref="Admitting"/> held.
    /// </summary>
    public long DurableSeq(long durableLsn)
    {
        if (AdmittedSeq > 0 && AdmittedLsn <= durableLsn) OnAcked(AdmittedSeq);
        return Interlocked.Read(ref _durableSeq);
    }

    /// <summary>A batch is in the ring. Call with <see cref="Admitting"/> held.</summary>
    public void OnAdmitted(long seq, long lsn, long durableLsn)
    {
        if (AdmittedSeq > 0 && AdmittedLsn <= durableLsn) OnAcked(AdmittedSeq);
        AdmittedSeq = seq;
        AdmittedLsn = lsn;
    }

    /// <summary>A batch was acked as durable. Thread: any.</summary>
    internal void OnAcked(long seq)
    {
        var known = Interlocked.Read(ref _durableSeq);
        while (seq > known)
        {
            var before = Interlocked.CompareExchange(ref _durableSeq, seq, known);
            if (before == known) return;
            known = before;
        }
    }
}
