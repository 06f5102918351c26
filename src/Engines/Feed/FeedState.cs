namespace DataLayer.Engines.Feed;

/// <summary>What a feeder is to do. Kept over restarts.</summary>
public enum FeedState
{
    /// <summary>Writes what comes to the log.</summary>
    Running,

    /// <summary>A person has paused it; the log is kept for it.</summary>
    Paused,

    /// <summary>Let go because the log was full: the log is not kept for it. A rebuild fills the gap.</summary>
    Detached,

    /// <summary>Is being filled from the lake; the log is kept from where the lake stood.</summary>
    Rebuilding,
}
