using System.Collections.Concurrent;

namespace DataLayer.Engines.Lake;

/// <summary>Keeps a few row group buffers (6 MB each at the default size) from one file to the next. Safe from any thread.</summary>
internal sealed class SampleBufferPool
{
    private const int Kept = 4;
    private readonly ConcurrentBag<SampleRowBuffer> _buffers = [];

    public SampleRowBuffer Rent() => _buffers.TryTake(out var buffer) ? buffer : new SampleRowBuffer();

    public void Return(SampleRowBuffer buffer)
    {
        if (_buffers.Count < Kept) _buffers.Add(buffer);
    }
}
