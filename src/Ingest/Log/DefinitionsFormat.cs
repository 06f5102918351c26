using System.Buffers.Binary;
using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Log;

/// <summary>
/// The definitions file, little-endian: a header of 24 bytes { "DLDEFINE", u64 nonce, u32 CRC32C of the 16 bytes before, u32 0 }, then entries as
/// <see cref="DefinitionQueue"/> frames them. Each commit starts with an entry of kind 3 whose bytes are { u64 nonce, i64 its own offset }: everything
/// before it was on disk when it was written, so an unfinished commit and damage are told apart.
/// </summary>
internal static class DefinitionsFormat
{
    public const string FileName = "definitions";
    public const string NewFileName = "definitions.new";
    public const ushort CommitKind = 3;
    public const int HeaderBytes = 24;
    public const int CommitBytes = DefinitionQueue.EntryHeaderBytes + 16;

    /// <summary>Longer entries are not written: a canonical key is bounded by the protocol's limits well below this.</summary>
    public const int EntryBytesMax = 1 << 20;

    private static ReadOnlySpan<byte> Magic => "DLDEFINE"u8;

    public static void WriteHeader(Span<byte> bytes, ulong nonce)
    {
        bytes[..HeaderBytes].Clear();
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], nonce);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[16..], Crc32C.Of(bytes[..16]));
    }

    public static bool TryReadHeader(ReadOnlySpan<byte> bytes, out ulong nonce)
    {
        nonce = 0;
        if (bytes.Length < HeaderBytes || !bytes.StartsWith(Magic)) return false;
        nonce = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]) == Crc32C.Of(bytes[..16]);
    }

    public static void WriteCommit(Span<byte> bytes, ulong nonce, long offset)
    {
        bytes[..CommitBytes].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[4..], CommitKind);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[12..], 16);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], nonce);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], offset);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Crc32C.Of(bytes[4..CommitBytes]));
    }

    /// <summary>Length of the entry that starts here when it is whole and right; 0: it goes on behind these bytes; -1: it is not right.</summary>
    public static int TryReadEntry(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < DefinitionQueue.EntryHeaderBytes) return 0;
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]);
        if (KindOf(bytes) is < DefinitionQueue.SeriesKind or > CommitKind || length is < 0 or > EntryBytesMax) return -1;
        var entry = DefinitionQueue.EntryHeaderBytes + length;
        if (bytes.Length < entry) return 0;
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes) == Crc32C.Of(bytes[4..entry]) ? entry : -1;
    }

    public static ushort KindOf(ReadOnlySpan<byte> entry) => BinaryPrimitives.ReadUInt16LittleEndian(entry[4..]);

    public static int NumberOf(ReadOnlySpan<byte> entry) => BinaryPrimitives.ReadInt32LittleEndian(entry[8..]);

    /// <summary>The entry is a commit of this file, written at this very offset.</summary>
    public static bool IsCommit(ReadOnlySpan<byte> entry, ulong nonce, long offset) =>
        entry.Length == CommitBytes
        && KindOf(entry) == CommitKind
        && BinaryPrimitives.ReadUInt64LittleEndian(entry[16..]) == nonce
        && BinaryPrimitives.ReadInt64LittleEndian(entry[24..]) == offset;
}
