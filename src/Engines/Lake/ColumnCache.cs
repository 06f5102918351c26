namespace DataLayer.Engines.Lake;

/// <summary>
/// Decoded columns of row groups, shared by the queries, of at most so many bytes: the least recently used go first. Files never change, so an entry is
/// right for as long as its file lives. A column is taken in once what was read of it comes to more than the whole: when it is read for the second time, or a small part
/// of it for the fifth; so what is read once pushes nothing out, and who wants little does not pay for all.
/// Safe from any thread.
/// </summary>
/// <param name="bytesMax">0: nothing is kept.</param>
internal sealed class ColumnCache(long bytesMax)
{
    /// <summary>Reading a part of a row group costs this share of the whole at least: it is found, opened and decoded up to the part.</summary>
    private const float LeastPart = 0.25f;

    /// <summary>Columns remembered as read but not here; 32 bytes each.</summary>
    private const int SeenMax = 65_536;

    // Held for look-ups only, never while a column is decoded.
    private readonly Lock _gate = new();

    // Guarded by: _gate. The list is in order of use, the latest first.
    private readonly Dictionary<Key, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _used = [];
    private readonly Dictionary<Key, float> _seen = [];
    private long _bytes;
    private long _hits;
    private long _misses;

    public long Bytes => Volatile.Read(ref _bytes);

    public long Hits => Volatile.Read(ref _hits);

    public long Misses => Volatile.Read(ref _misses);

    /// <summary>Whether a query that decodes so many bytes may use the cache: a greater one would push out its own columns before they are asked for again.</summary>
    public bool Fits(double bytes) => bytes <= bytesMax;

    /// <summary>The decoded column, or null where it is not here.</summary>
    public T? Get<T>(long file, int group, int column)
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
                return (T)node.Value.Values;
            }

            _misses++;
            return null;
        }
    }

    /// <summary>Whether a column that is not here and about to be read should be decoded as a whole, for <see cref="Set"/>.</summary>
    /// <param name="part">How much of its rows is wanted now: 0 … 1.</param>
    public bool Admits(long file, int group, int column, double part = 1)
    {
        if (bytesMax == 0) return false;
        var key = new Key(file, group, column);
        lock (_gate)
        {
            var read = _seen.GetValueOrDefault(key) + Math.Max(LeastPart, (float)part);
            if (read > 1) return _seen.Remove(key);
            if (_seen.Count >= SeenMax) _seen.Clear();
            _seen[key] = read;
            return false;
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
