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

    /// <summary>Series this agent has added, for its limit. Guarded by: <see cref="Admitting"/>.</summary>
    public int SeriesAdded;

    /// <summary>The highest batch appended to the log. Owned by: the commit thread.</summary>
    internal long LoggedSeq;
}
