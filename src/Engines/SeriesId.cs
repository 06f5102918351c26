using System.Buffers.Binary;
using System.Security.Cryptography;

namespace DataLayer.Engines;

/// <summary>
/// The number of a series in databases: the same in each of them, whatever daemon writes, and for ever. The first 63 bits (little-endian, the highest cleared) of the SHA-256 of its
/// canonical key (<see cref="Protocol.SeriesKey"/>). Among ten million series two are the same with a chance of 5 in a million.
/// </summary>
public static class SeriesId
{
    /// <returns>0 … long.MaxValue.</returns>
    public static long Of(ReadOnlySpan<byte> key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(key, hash);
        return BinaryPrimitives.ReadInt64LittleEndian(hash) & long.MaxValue;
    }
}
