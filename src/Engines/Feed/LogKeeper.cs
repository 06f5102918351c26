namespace DataLayer.Engines.Feed;

/// <summary>
/// Keeps in the log what its slowest reader needs. Each reader says where it stands; the log is released up to the least of them when the lake says where it stands, which it does
/// every few seconds. Safe from any thread.
/// </summary>
/// <param name="release">Releases the log up to an LSN.</param>
public sealed class LogKeeper(Action<long> release)
{
    private readonly Lock _lock = new();

    // Guarded by: _lock.
    private readonly Dictionary<string, long> _positions = [];

    /// <summary>The reader that stands furthest back, and where; null when there is none.</summary>
    public (string Reader, long Position)? Slowest
    {
        get
        {
            lock (_lock) return _positions.Count == 0 ? null : _positions.MinBy(pair => pair.Value) is var least ? (least.Key, least.Value) : null;
        }
    }

    /// <summary>A reader stands here: what follows is kept for it.</summary>
    public void Hold(string reader, long position)
    {
        lock (_lock) _positions[reader] = position;
    }

    /// <summary>A reader needs nothing any more.</summary>
    public void Drop(string reader)
    {
        lock (_lock) _positions.Remove(reader);
    }

    /// <summary>Lets the log go up to where the slowest reader stands.</summary>
    public void Release()
    {
        if (Slowest is { } slowest) release(slowest.Position);
    }
}
