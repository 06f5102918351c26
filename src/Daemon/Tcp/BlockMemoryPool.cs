using System.Buffers;
using System.Collections.Concurrent;

namespace DataLayer.Daemon.Tcp;

/// <summary>
/// Pinned blocks of one size for Kestrel's pipes. A pipe rents a whole block however little it asks for, and a receive takes what is
/// free in the block: so the size of the block is the size of a receive. Kestrel's own pool has 4 KiB.
/// An idle connection holds no block (the transport waits for data before it rents).
/// Thread: any.
/// </summary>
internal sealed class BlockMemoryPool(int blockBytes, int maxFreeBlocks) : MemoryPool<byte>
{
    private readonly ConcurrentQueue<Block> _free = new();
    private int _freeCount;
    private long _rented;

    public override int MaxBufferSize => blockBytes;

    /// <summary>Blocks in use now.</summary>
    public long Rented => Volatile.Read(ref _rented);

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, blockBytes);
        Interlocked.Increment(ref _rented);
        if (!_free.TryDequeue(out var block)) return new Block(this, GC.AllocateUninitializedArray<byte>(blockBytes, pinned: true));
        Interlocked.Decrement(ref _freeCount);
        block.Rented = true;
        return block;
    }

    protected override void Dispose(bool disposing)
    {
    }

    private void Return(Block block)
    {
        Interlocked.Decrement(ref _rented);

        // Past the limit a burst's blocks go back to the garbage collector; the race lets a few more stay, which does no harm.
        if (Volatile.Read(ref _freeCount) >= maxFreeBlocks) return;
        Interlocked.Increment(ref _freeCount);
        _free.Enqueue(block);
    }

    private sealed class Block(BlockMemoryPool pool, byte[] bytes) : IMemoryOwner<byte>
    {
        public bool Rented { get; set; } = true;

        public Memory<byte> Memory { get; } = bytes;

        public void Dispose()
        {
            if (!Rented) return;
            Rented = false;
            pool.Return(this);
        }
    }
}
