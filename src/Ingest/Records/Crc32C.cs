using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace DataLayer.Ingest.Records;

/// <summary>CRC-32C (Castagnoli, RFC 3720 appendix B.4), as stored in records: initial value and final complement all ones.</summary>
public static class Crc32C
{
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes))
        {
            crc = BitOperations.Crc32C(crc, BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word));
        }

        foreach (var rest in bytes[(bytes.Length & ~7)..]) crc = BitOperations.Crc32C(crc, rest);
        return ~crc;
    }
}
