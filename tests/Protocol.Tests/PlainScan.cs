using System.Buffers.Binary;

namespace DataLayer.Protocol.Tests;

/// <summary>Where a MessagePack value ends, in the plainest way, from the table of the specification: what the scanner and the reader are compared with.</summary>
internal static class PlainScan
{
    /// <summary>The end of the value at <paramref name="at"/>; null where it is incomplete, not MessagePack or nested too deep.</summary>
    public static int? End(byte[] bytes, int at = 0, int depth = 0)
    {
        if (at >= bytes.Length) return null;
        var code = bytes[at++];
        return code switch
        {
            <= 0x7f or >= 0xe0 or 0xc0 or 0xc2 or 0xc3 => at,
            <= 0x8f => Elements(bytes, at, (code & 15) * 2, depth),
            <= 0x9f => Elements(bytes, at, code & 15, depth),
            <= 0xbf => Bytes(bytes, at, code & 31),
            0xc1 => null,
            <= 0xc6 => Sized(bytes, at, 1 << (code - 0xc4), 0),
            <= 0xc9 => Sized(bytes, at, 1 << (code - 0xc7), 1),
            0xca => Bytes(bytes, at, 4),
            0xcb => Bytes(bytes, at, 8),
            <= 0xd3 => Bytes(bytes, at, 1 << (code & 3)),
            <= 0xd8 => Bytes(bytes, at, 1 + (1 << (code - 0xd4))),
            <= 0xdb => Sized(bytes, at, 1 << (code - 0xd9), 0),
            <= 0xdd => Length(bytes, at, 2 << (code - 0xdc)) is { } items ? Elements(bytes, at + (2 << (code - 0xdc)), items, depth) : null,
            _ => Length(bytes, at, 2 << (code - 0xde)) is { } pairs ? Elements(bytes, at + (2 << (code - 0xde)), pairs * 2, depth) : null,
        };
    }

    private static int? Elements(byte[] bytes, int at, long count, int depth)
    {
        if (depth == ProtocolLimits.MaxDepth || count > bytes.Length) return null;
        int? end = at;
        for (; count > 0 && end is not null; count--) end = End(bytes, end.Value, depth + 1);
        return end;
    }

    private static int? Sized(byte[] bytes, int at, int lengthBytes, int more) =>
        Length(bytes, at, lengthBytes) is { } length ? Bytes(bytes, at + lengthBytes, length + more) : null;

    private static int? Bytes(byte[] bytes, int at, long count) => count <= bytes.Length - at ? at + (int)count : null;

    private static long? Length(byte[] bytes, int at, int size)
    {
        if (bytes.Length - at < size) return null;
        return size switch
        {
            1 => bytes[at],
            2 => BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(at)),
            _ => BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at)),
        };
    }
}
