using System.Buffers.Binary;
using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Log;

/// <summary>
/// The first 64 bytes of a segment, little-endian:
/// <code>
///  0 "DLLOGSEG"             8 u32 CRC32C of bytes 12..64   12 u16 format version (2)   14 u16 0
/// 16 i64 first LSN         24 u64 nonce                    32 i64 first LSN of the segment before, or 0
/// 40 i64 where that one ends, in bytes                     48 i64 own end, or 0         56 i64 next LSN, or 0
/// </code>
/// Format 1 is the same without events in records; a release that writes it refuses 2 and says so.
/// A segment's name is its first LSN; it gets the name only when its first commit is on disk: so a segment whose header is not right is damaged, never torn.
/// What lies behind the end that the next segment records (an unfinished commit, or bytes of an earlier life of the file) does not count.
/// Own end and next LSN are written by a repair alone: the segment ends there, and the LSNs between its last record and the next LSN are lost for good.
/// </summary>
internal readonly record struct SegmentHeader(long FirstLsn, ulong Nonce, long PreviousFirstLsn, long PreviousEnd, long End = 0, long NextLsn = 0)
{
    public const int Bytes = 64;
    private const ushort Version = 2;
    private const ushort OldestVersion = 1;

    private static ReadOnlySpan<byte> Magic => "DLLOGSEG"u8;

    public void Write(Span<byte> bytes)
    {
        bytes[..Bytes].Clear();
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[12..], Version);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], FirstLsn);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], Nonce);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], PreviousFirstLsn);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[40..], PreviousEnd);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[48..], End);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[56..], NextLsn);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], Crc32C.Of(bytes[12..Bytes]));
    }

    /// <summary>False: <paramref name="error"/> says what is wrong.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out SegmentHeader header, out string error)
    {
        header = default;
        if (bytes.Length < Bytes) return Fail("is too short for a segment's header", out error);
        if (!bytes.StartsWith(Magic)) return Fail("does not start with DLLOGSEG", out error);
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) != Crc32C.Of(bytes[12..Bytes])) return Fail("has a header with a wrong checksum", out error);
        var version = BinaryPrimitives.ReadUInt16LittleEndian(bytes[12..]);
        if (version is < OldestVersion or > Version) return Fail($"has format version {version}, this program knows {OldestVersion} to {Version}: use the release that wrote it", out error);
        header = new SegmentHeader(
            BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[48..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[56..]));
        error = "";
        return true;
    }

    private static bool Fail(string what, out string error)
    {
        error = what;
        return false;
    }
}
