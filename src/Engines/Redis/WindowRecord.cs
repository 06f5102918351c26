using System.Buffers.Binary;

namespace DataLayer.Engines.Redis;

/// <summary>
/// A sample as a window has it: time (Unix microseconds), value, quality, version (the LSN of the batch's end), big-endian. A window is the records of one series one after the other,
/// times ascending, one per time: the script that writes them keeps it so.
/// </summary>
internal readonly record struct WindowRecord(long Time, double Value, float Quality, long Version)
{
    public const int Bytes = 28;

    public void Write(Span<byte> into)
    {
        BinaryPrimitives.WriteInt64BigEndian(into, Time);
        BinaryPrimitives.WriteDoubleBigEndian(into[8..], Value);
        BinaryPrimitives.WriteSingleBigEndian(into[16..], Quality);
        BinaryPrimitives.WriteInt64BigEndian(into[20..], Version);
    }

    public static WindowRecord Read(ReadOnlySpan<byte> from) => new(
        BinaryPrimitives.ReadInt64BigEndian(from),
        BinaryPrimitives.ReadDoubleBigEndian(from[8..]),
        BinaryPrimitives.ReadSingleBigEndian(from[16..]),
        BinaryPrimitives.ReadInt64BigEndian(from[20..]));
}
