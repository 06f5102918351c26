using System.IO.Hashing;

namespace DataLayer.Ingest.Sessions;

/// <summary>
/// Name and encoded tags of points → the series of their fields. Per session, so that nothing is shared between cores; within the budget of all sessions.
/// When the budget is used up, points that are not there are resolved field by field, and after a while the cache starts anew with what is current.
/// </summary>
internal sealed class PointCache(MemoryBudget budget) : IDisposable
{
    /// <summary>A full cache starts anew when it has missed this many times for each entry it holds.</summary>
    private const int MissesPerEntry = 4;

    private PointEntry?[] _slots = [];
    private PointEntry? _last;
    private int _count;
    private long _bytes;
    private long _missesSinceFull;

    public int Count => _count;

    /// <summary>
    /// The entry that came after the last one before: mostly the one that comes now. The caller compares name and tags, and says so by <see cref="Use"/>.
    /// </summary>
    public PointEntry? Expected => _last?.Next;

    public void Use(PointEntry entry) => _last = entry;

    /// <summary>The entry of this name and these tags, made if there is room; null where there is none. Thread: the session's. Allocates: for a new entry.</summary>
    public PointEntry? FindOrAdd(ReadOnlySpan<byte> name, ReadOnlySpan<byte> tags)
    {
        var hash = (XxHash3.HashToUInt64(name) * 31) + XxHash3.HashToUInt64(tags);
        var found = Find(hash, name, tags) ?? AddSlow(hash, name, tags);
        if (found is null) return null;
        if (_last is not null) _last.Next = found;
        _last = found;
        return found;
    }

    /// <summary>An entry learns a field, if there is room. Returns where it is, or the place before <paramref name="at"/>, so that the next field is looked for where this one was.</summary>
    public int AddField(PointEntry entry, ReadOnlySpan<byte> key, int series, int at)
    {
        // An entry at most doubles; the room is taken first, and what was not needed given back.
        var most = entry.Bytes + (2 * key.Length) + 256;
        if (entry.IsFull || !budget.TryTake(most)) return at - 1;
        var grown = entry.Add(key, series);
        budget.Return(most - grown);
        _bytes += grown;
        return entry.Count - 1;
    }

    public void Dispose() => Clear();

    private PointEntry? Find(ulong hash, ReadOnlySpan<byte> name, ReadOnlySpan<byte> tags)
    {
        if (_slots.Length == 0) return null;
        var mask = _slots.Length - 1;
        for (var at = (int)hash & mask; _slots[at] is { } entry; at = (at + 1) & mask)
        {
            if (entry.Hash == hash && name.SequenceEqual(entry.Name) && tags.SequenceEqual(entry.Tags)) return entry;
        }

        return null;
    }

    private PointEntry? AddSlow(ulong hash, ReadOnlySpan<byte> name, ReadOnlySpan<byte> tags)
    {
        if (_missesSinceFull > MissesPerEntry * (long)_count) Clear();
        if (_count >= _slots.Length / 4 * 3 && !TryGrow()) return Missed();
        var bytes = 160L + name.Length + tags.Length;
        if (!budget.TryTake(bytes)) return Missed();
        _bytes += bytes;
        var entry = new PointEntry(name.ToArray(), tags.ToArray()) { Hash = hash };
        Insert(_slots, entry);
        _count++;
        return entry;
    }

    private PointEntry? Missed()
    {
        _missesSinceFull++;
        return null;
    }

    private bool TryGrow()
    {
        var length = Math.Max(64, _slots.Length * 2);
        var bytes = 8L * (length - _slots.Length);
        if (!budget.TryTake(bytes)) return false;
        _bytes += bytes;
        var grown = new PointEntry?[length];
        foreach (var entry in _slots)
        {
            if (entry is not null) Insert(grown, entry);
        }

        _slots = grown;
        return true;
    }

    private static void Insert(PointEntry?[] slots, PointEntry entry)
    {
        var mask = slots.Length - 1;
        var at = (int)entry.Hash & mask;
        while (slots[at] is not null) at = (at + 1) & mask;
        slots[at] = entry;
    }

    private void Clear()
    {
        budget.Return(_bytes);
        (_slots, _last, _count, _bytes, _missesSinceFull) = ([], null, 0, 0, 0);
    }
}
