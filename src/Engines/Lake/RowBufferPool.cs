using System.Collections.Concurrent;

namespace DataLayer.Engines.Lake;

/// <summary>
/// Keeps row group buffers (7 MB each for samples, 12 MB for rollups at the default size) from one file to the next: made anew for each, they would
/// be large objects, which are collected rarely, and memory would climb from merge to merge. Safe from any thread.
/// </summary>
/// <param name="kept">At most so many; more are let go.</param>
internal sealed class RowBufferPool<TBuffer>(int kept)
    where TBuffer : class, new()
{
    private readonly ConcurrentBag<TBuffer> _buffers = [];

    public TBuffer Rent() => _buffers.TryTake(out var buffer) ? buffer : new TBuffer();

    public void Return(TBuffer buffer)
    {
        if (_buffers.Count < kept) _buffers.Add(buffer);
    }
}
