namespace DataLayer.Engines.Feed;

/// <summary>How one engine is fed.</summary>
public sealed class FeedOptions
{
    /// <summary>Samples of a batch in quiet times. While a write is under way the next batch grows, to sixteen times as many at most.</summary>
    public int BatchRows { get; init; } = 10_000;

    /// <summary>Bytes of a batch at most; one record that is larger goes alone.</summary>
    public long BatchBytes { get; init; } = 16L << 20;

    /// <summary>How long samples may wait for a batch to fill.</summary>
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Names of series that the engine takes; a * at the end stands for any ending; empty: all.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Labels that a series must have to be taken.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Labels { get; init; } = [];

    /// <summary>When the log is nearly full and this engine is what holds it: true lets the engine go, false lets the daemon refuse new data.</summary>
    public bool DetachesWhenFull { get; init; }

    /// <summary>A new engine gets from the lake what the log no longer holds.</summary>
    public bool Backfills { get; init; } = true;

    public TimeSpan RetryPause { get; init; } = TimeSpan.FromMilliseconds(200);

    public TimeSpan RetryPauseMax { get; init; } = TimeSpan.FromSeconds(15);
}
