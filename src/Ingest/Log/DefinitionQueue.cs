using System.Buffers.Binary;
using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Log;

/// <summary>
/// New series and agents on their way to disk. Sessions add (under a lock, only for what is new); the commit thread takes all and makes
/// them durable before the records that use them.
/// Entries, little-endian: u32 CRC32C of the rest, u16 kind (1 series, 2 agent), u16 0, u32 number, u32 length, bytes.
/// </summary>
public sealed class DefinitionQueue
{
    public const ushort SeriesKind = 1;
    public const ushort AgentKind = 2;
    public const int EntryHeaderBytes = 16;

    private readonly Lock _lock = new();
    private byte[] _filling = new byte[4096];
    private byte[] _taken = [];
    private int _length;

    public void Add(ushort kind, int number, ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            var entry = EntryHeaderBytes + bytes.Length;
            if (_filling.Length - _length < entry) Array.Resize(ref _filling, Math.Max(_filling.Length * 2, _length + entry));
            var at = _filling.AsSpan(_length, entry);
            BinaryPrimitives.WriteUInt16LittleEndian(at[4..], kind);
            BinaryPrimitives.WriteUInt16LittleEndian(at[6..], 0);
            BinaryPrimitives.WriteInt32LittleEndian(at[8..], number);
            BinaryPrimitives.WriteInt32LittleEndian(at[12..], bytes.Length);
            bytes.CopyTo(at[EntryHeaderBytes..]);
            BinaryPrimitives.WriteUInt32LittleEndian(at, Crc32C.Of(at[4..]));
            _length += entry;
        }
    }

    /// <summary>All entries since the last call. Thread: commit. The memory is valid until the next call.</summary>
    public ReadOnlyMemory<byte> Take()
    {
        lock (_lock)
        {
            var length = _length;
            (_taken, _filling, _length) = (_filling, _taken.Length > 0 ? _taken : new byte[4096], 0);
            return _taken.AsMemory(0, length);
        }
    }
}
