namespace DataLayer.Engines.Lake;

/// <summary>
/// Decoded columns of row groups, shared by the queries, of at most so many bytes: the least recently used go first. Files never change, so an entry is
/// right for as long as its file lives. A column is taken in when it is read for the second time, so that what is read once pushes nothing out.
/// Safe from any thread.
/// </summary>
/// <param name="bytesMax">0: nothing is kept.</param>
internal sealed class ColumnCache(long bytesMax)
{
    /// <summary>Columns remembered as read once; 24 bytes each.</summary>
    private const int SeenMax = 65_536;

    // Held for look-ups only, never while a column is decoded.
    private readonly Lock _gate = new();

    // Guarded by: _gate. The list is in order of use, the latest first.
    private readonly Dictionary<Key, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _used = [];
    private readonly HashSet<Key> _seen = [];
    private long _bytes;
    private long _hits;
    private long _misses;

    public long Bytes => Volatile.Read(ref _bytes);

    public long Hits => Volatile.Read(ref _hits);

    public long Misses => Volatile.Read(ref _misses);

    /// <summary>Whether a query that decodes so many bytes may use the cache: a greater one would push out its own columns before they are asked for again.</summary>
    public bool Fits(double bytes) => bytes <= bytesMax;

    /// <summary>The decoded column, or null where it is not here; <paramref name="admit"/> then says whether to <see cref="Set"/> it once it is decoded.</summary>
    public T? Get<T>(long file, int group, int column, out bool admit)
        where T : class
    {
        var key = new Key(file, group, column);
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out var node))
            {
                _hits++;
                _used.Remove(node);
                _used.AddFirst(node);
                admit = false;
                return (T)node.Value.Values;
            }

            _misses++;
            admit = bytesMax > 0 && _seen.Remove(key);
            if (admit || bytesMax == 0) return null;
            if (_seen.Count >= SeenMax) _seen.Clear();
            _seen.Add(key);
            return null;
        }
    }

    /// <summary>Keeps a column. What it consists of belongs to the cache and its readers from here on: nobody writes to it.</summary>
    public void Set(long file, int group, int column, object values, long bytes)
    {
        var entry = new Entry(new Key(file, group, column), values, bytes);
        lock (_gate)
        {
            if (entry.Bytes > bytesMax || _entries.ContainsKey(entry.Key)) return;
            _entries.Add(entry.Key, _used.AddFirst(entry));
            _bytes += entry.Bytes;
            while (_bytes > bytesMax) Remove(_used.Last!);
        }
    }

    /// <summary>Lets a file's columns go, which is deleted.</summary>
    public void Forget(long file)
    {
        lock (_gate)
        {
            for (var node = _used.First; node is not null;)
            {
                var next = node.Next;
                if (node.Value.Key.File == file) Remove(node);
                node = next;
            }
        }
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _used.Remove(node);
        _entries.Remove(node.Value.Key);
        _bytes -= node.Value.Bytes;
    }

    private readonly record struct Key(long File, int Group, int Column);

    private sealed record Entry(Key Key, object Values, long Bytes);
}
