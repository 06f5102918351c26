namespace DataLayer.Ingest.Shards;

/// <summary>
/// The events of a generation: the sections of records as they came, in order of arrival. The shard's thread appends; any thread that holds a reference on the
/// generation reads what is there. Its bytes count in the hot store's.
/// </summary>
internal sealed class HotEvents(SlabPool pool)
{
    /// <summary>An array and its place in the list.</summary>
    private const int BlockOverheadBytes = 32;

    private readonly Lock _lock = new();

    // Guarded by: _lock.
    private readonly List<byte[]> _blocks = [];
    private long _count;
    private long _bytes;

    /// <summary>Events, those that came twice counted twice.</summary>
    public long Count => Volatile.Read(ref _count);

    public long Bytes => Volatile.Read(ref _bytes);

    public void Append(ReadOnlySpan<byte> section, int count)
    {
        var block = section.ToArray();
        lock (_lock)
        {
            _blocks.Add(block);
            _count += count;
            _bytes += block.Length + BlockOverheadBytes;
        }

        pool.Use(block.Length + BlockOverheadBytes);
    }

    /// <summary>Appends the sections so far, each to be walked with <see cref="Records.RecordEvents"/>, to a list.</summary>
    public void CopyTo(List<ReadOnlyMemory<byte>> blocks)
    {
        if (Count == 0) return;
        lock (_lock)
        {
            foreach (var block in _blocks) blocks.Add(block);
        }
    }

    public void Release()
    {
        long bytes;
        lock (_lock)
        {
            (bytes, _bytes, _count) = (_bytes, 0, 0);
            _blocks.Clear();
        }

        if (bytes > 0) pool.Use(-bytes);
    }
}
