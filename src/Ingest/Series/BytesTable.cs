using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace DataLayer.Ingest.Series;

/// <summary>
/// A hash table from bytes to a number, made for one writer (under its owner's lock) and any number of readers without a lock.
/// Keys live in an arena and are never moved or removed, so a span of one stays valid for ever. Collisions of the hash are told apart by the bytes.
/// </summary>
internal sealed class BytesTable
{
    private const int ChunkBits = 20;
    private const int ChunkBytes = 1 << ChunkBits;

    /// <summary>Before each key in the arena: u32 number, u32 length.</summary>
    private const int KeyHeaderBytes = 8;

    // Published by the writer with Volatile.Write, read by TryFind with Volatile.Read: slots before the chunks they point into would be wrong,
    // so chunks are published first and slots are filled last.
    private Slot[] _slots;
    private byte[][] _chunks = [];

    // Owned by: the writer.
    private int _used;
    private int _chunkUsed = ChunkBytes;

    public BytesTable(int capacity = 1024) => _slots = new Slot[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, capacity))];

    public int Count => _used;

    /// <summary>Bytes of memory the table takes.</summary>
    public long Bytes => ((long)_chunks.Length * ChunkBytes) + ((long)_slots.Length * 16);

    /// <summary>Never 0: that marks an empty slot.</summary>
    public static ulong HashOf(ReadOnlySpan<byte> key) => Math.Max(1, XxHash3.HashToUInt64(key));

    /// <summary>Thread: any. Allocates: no. Blocks: no. Fails: returns false.</summary>
    public bool TryFind(ReadOnlySpan<byte> key, ulong hash, out int number)
    {
        var slots = Volatile.Read(ref _slots);
        var mask = slots.Length - 1;
        for (var at = (int)hash & mask; ; at = (at + 1) & mask)
        {
            ref var slot = ref slots[at];
            var found = Volatile.Read(ref slot.Hash); // Pairs with Volatile.Write in Insert: the position is there when the hash is.
            if (found == hash && Matches(slot.Position, key, out number)) return true;
            if (found != 0) continue;
            number = -1;
            return false;
        }
    }

    /// <summary>Adds a key that is not there yet; returns where it lies, for <see cref="KeyAt"/>. Thread: the writer.</summary>
    public long Add(ReadOnlySpan<byte> key, ulong hash, int number)
    {
        if (_used >= _slots.Length / 4 * 3) Grow();
        var position = Store(key, number);
        Insert(_slots, hash, position);
        _used++;
        return position;
    }

    /// <summary>The key stored at a position that <see cref="Add"/> returned.</summary>
    public ReadOnlySpan<byte> KeyAt(long position)
    {
        var chunk = Volatile.Read(ref _chunks)[position >> ChunkBits];
        var offset = (int)position & (ChunkBytes - 1);
        return chunk.AsSpan(offset + KeyHeaderBytes, MemoryMarshal.Read<int>(chunk.AsSpan(offset + 4)));
    }

    private bool Matches(long position, ReadOnlySpan<byte> key, out int number)
    {
        var chunk = Volatile.Read(ref _chunks)[position >> ChunkBits];
        var offset = (int)position & (ChunkBytes - 1);
        number = MemoryMarshal.Read<int>(chunk.AsSpan(offset));
        var length = MemoryMarshal.Read<int>(chunk.AsSpan(offset + 4));
        return length == key.Length && chunk.AsSpan(offset + KeyHeaderBytes, length).SequenceEqual(key);
    }

    private long Store(ReadOnlySpan<byte> key, int number)
    {
        var bytes = KeyHeaderBytes + ((key.Length + 7) & ~7);
        if (_chunkUsed + bytes > ChunkBytes)
        {
            byte[][] grown = [.. _chunks, new byte[Math.Max(ChunkBytes, bytes)]];
            Volatile.Write(ref _chunks, grown);
            _chunkUsed = 0;
        }

        var position = ((long)(_chunks.Length - 1) << ChunkBits) + _chunkUsed;
        var at = _chunks[^1].AsSpan(_chunkUsed, bytes);
        MemoryMarshal.Write(at, number);
        MemoryMarshal.Write(at[4..], key.Length);
        key.CopyTo(at[KeyHeaderBytes..]);
        _chunkUsed += bytes;
        return position;
    }

    private void Grow()
    {
        var grown = new Slot[_slots.Length * 2];
        foreach (var slot in _slots)
        {
            if (slot.Hash != 0) Insert(grown, slot.Hash, slot.Position);
        }

        Volatile.Write(ref _slots, grown);
    }

    private static void Insert(Slot[] slots, ulong hash, long position)
    {
        var mask = slots.Length - 1;
        var at = (int)hash & mask;
        while (slots[at].Hash != 0) at = (at + 1) & mask;
        slots[at].Position = position;
        Volatile.Write(ref slots[at].Hash, hash); // Pairs with Volatile.Read in TryFind.
    }

    private struct Slot
    {
        public ulong Hash;
        public long Position;
    }
}
