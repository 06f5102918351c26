using System.Collections.Concurrent;

namespace DataLayer.Ingest.Shards;

/// <summary>Slabs of samples, 1 MiB each, shared by all generations of all shards. Any thread. What is given back is kept for the next generation.</summary>
internal sealed class SlabPool(long keepBytesMax)
{
    public const int SlabBits = 16;
    public const int SlabSamples = 1 << SlabBits;
    public const int SlabBytes = SlabSamples * 16;

    /// <summary>Enough for the sealed generation of each shard of a large host.</summary>
    private const int TablesMax = 64;

    private readonly ConcurrentBag<Sample[]> _free = [];
    private readonly ConcurrentBag<HotSeries[]> _tables = [];
    private long _usedBytes;

    /// <summary>Bytes of the slabs and events in use by generations that have not been dropped.</summary>
    public long UsedBytes => Volatile.Read(ref _usedBytes);

    /// <summary>Called once a generation has given its slabs back, on whatever thread let it go: a query's, too, long after the generation was dropped.</summary>
    public Action? Freed { get; set; }

    /// <summary>A table of at least this many series, all empty.</summary>
    public HotSeries[] RentTable(int series)
    {
        if (_tables.TryTake(out var table) && table.Length >= series) return table;
        return new HotSeries[Math.Max(16, series)];
    }

    /// <summary>Keeps a table for the next generation, cleared here so that a seal does not have to.</summary>
    public void ReturnTable(HotSeries[] table)
    {
        if (_tables.Count >= TablesMax) return;
        Array.Clear(table);
        _tables.Add(table);
    }

    /// <summary>Counts memory that a generation has taken beside slabs, or given back (negative).</summary>
    public void Use(long bytes) => Interlocked.Add(ref _usedBytes, bytes);

    public Sample[] Rent()
    {
        Interlocked.Add(ref _usedBytes, SlabBytes);
        return _free.TryTake(out var slab) ? slab : GC.AllocateUninitializedArray<Sample>(SlabSamples);
    }

    public void Return(Sample[] slab)
    {
        Interlocked.Add(ref _usedBytes, -SlabBytes);
        if ((long)_free.Count * SlabBytes < keepBytesMax) _free.Add(slab);
    }
}
