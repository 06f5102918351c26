namespace DataLayer.Ingest.Log;

/// <summary>The segments on disk, oldest first. Thread: the commit thread adds, whoever releases removes; guarded by a lock.</summary>
internal sealed class SegmentList
{
    private readonly Lock _lock = new();

    // Guarded by: _lock; _bytes is read without it.
    private readonly List<SegmentInfo> _segments;
    private long _bytes;
    private int _filledSinceRelease;

    public SegmentList(IEnumerable<SegmentInfo> segments)
    {
        _segments = [.. segments];
        _bytes = _segments.Sum(segment => segment.FileBytes);
    }

    public long Bytes => Volatile.Read(ref _bytes);

    public int Count
    {
        get
        {
            lock (_lock) return _segments.Count;
        }
    }

    public long? OldestLsn
    {
        get
        {
            lock (_lock) return _segments.Count > 0 ? _segments[0].FirstLsn : null;
        }
    }

    public void Add(SegmentInfo segment)
    {
        lock (_lock)
        {
            _segments.Add(segment);
            Volatile.Write(ref _bytes, _bytes + segment.FileBytes);
        }
    }

    /// <summary>The newest segment was filled and left in order: its file can be used again.</summary>
    public void OnFilled(long fileBytes)
    {
        lock (_lock)
        {
            var newest = _segments[^1];
            _segments[^1] = newest with { FileBytes = fileBytes, Recyclable = true };
            Volatile.Write(ref _bytes, _bytes + fileBytes - newest.FileBytes);
            _filledSinceRelease++;
        }
    }

    /// <summary>
    /// Takes out the segments that end at or before <paramref name="lsn"/>, the newest never; and says how many spares to have:
    /// as many as were filled since the last call, and one, for that is how many will be wanted until the next.
    /// </summary>
    public (List<SegmentInfo> Released, int Wanted) Release(long lsn)
    {
        lock (_lock)
        {
            var count = 0;
            while (count + 1 < _segments.Count && _segments[count + 1].FirstLsn - 1 <= lsn) count++;
            var released = _segments.GetRange(0, count);
            _segments.RemoveRange(0, count);
            Volatile.Write(ref _bytes, _bytes - released.Sum(segment => segment.FileBytes));
            var wanted = _filledSinceRelease + 1;
            _filledSinceRelease = 0;
            return (released, wanted);
        }
    }
}
