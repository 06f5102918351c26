using System.Buffers.Binary;

namespace DataLayer.Protocol;

/// <summary>The MessagePack timestamp extension (spec.md, "Timestamp extension type") as microseconds since 1970-01-01T00:00:00Z.</summary>
internal static class Timestamp
{
    private const int NanosPerSecond = 1_000_000_000;
    private const int MicrosPerSecond = 1_000_000;

    /// <summary>Seconds beyond this, either way, do not fit 64 bits of microseconds.</summary>
    private const long MaxSeconds = (long.MaxValue / MicrosPerSecond) - 1;

    public static bool TryDecode(ReadOnlySpan<byte> data, out long unixMicros)
    {
        long seconds;
        long nanos;
        unixMicros = 0;
        switch (data.Length)
        {
            case 4:
                seconds = BinaryPrimitives.ReadUInt32BigEndian(data);
                nanos = 0;
                break;
            case 8:
                var both = BinaryPrimitives.ReadUInt64BigEndian(data);
                seconds = (long)(both & 0x3_ffff_ffff);
                nanos = (long)(both >> 34);
                break;
            case 12:
                nanos = BinaryPrimitives.ReadUInt32BigEndian(data);
                seconds = BinaryPrimitives.ReadInt64BigEndian(data[4..]);
                break;
            default:
                return false;
        }

        if (nanos >= NanosPerSecond || seconds is > MaxSeconds or < -MaxSeconds) return false;
        unixMicros = (seconds * MicrosPerSecond) + (nanos / 1000);
        return true;
    }

    /// <summary>Writes the smallest form to <paramref name="data"/> (12 bytes at most); returns its length: 4, 8 or 12.</summary>
    public static int Encode(long seconds, uint nanos, Span<byte> data)
    {
        if (seconds is < 0 or > 0x3_ffff_ffff)
        {
            BinaryPrimitives.WriteUInt32BigEndian(data, nanos);
            BinaryPrimitives.WriteInt64BigEndian(data[4..], seconds);
            return 12;
        }

        if (nanos == 0 && seconds <= uint.MaxValue)
        {
            BinaryPrimitives.WriteUInt32BigEndian(data, (uint)seconds);
            return 4;
        }

        BinaryPrimitives.WriteUInt64BigEndian(data, ((ulong)nanos << 34) | (ulong)seconds);
        return 8;
    }
}
