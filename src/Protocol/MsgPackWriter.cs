using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace DataLayer.Protocol;

/// <summary>
/// Writes MessagePack values, each in its smallest encoding, to a buffer from the shared pool that grows as needed. Made once, used again
/// after <see cref="Clear"/>. Thread: the owner. Allocates: only to grow. Blocks: no. Fails: never on values; a count or length must not be negative.
/// </summary>
public sealed class MsgPackWriter : IDisposable
{
    private byte[] _buffer;
    private int _length;

    public MsgPackWriter(int capacityBytes = 4096) => _buffer = ArrayPool<byte>.Shared.Rent(capacityBytes);

    /// <summary>Bytes written since <see cref="Clear"/>.</summary>
    public int LengthBytes => _length;

    /// <summary>What was written. Valid until the next call that writes.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <summary>The same as <see cref="Written"/>, for sockets and pipes.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, _length);

    public void Clear() => _length = 0;

    /// <summary>Takes back all beyond <paramref name="lengthBytes"/>: a message that turned out not to fit.</summary>
    public void Truncate(int lengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)lengthBytes, (uint)_length);
        _length = lengthBytes;
    }

    public void WriteNil() => Put(MsgPackCode.Nil);

    public void Write(bool value) => Put(value ? MsgPackCode.True : MsgPackCode.False);

    public void Write(long value)
    {
        if (value >= 0)
        {
            Write((ulong)value);
            return;
        }

        switch (value)
        {
            case >= -32:
                Put((byte)value);
                break;
            case >= sbyte.MinValue:
                Put(MsgPackCode.Int8);
                Put((byte)value);
                break;
            case >= short.MinValue:
                BinaryPrimitives.WriteInt16BigEndian(Code(MsgPackCode.Int16, 2), (short)value);
                break;
            case >= int.MinValue:
                BinaryPrimitives.WriteInt32BigEndian(Code(MsgPackCode.Int32, 4), (int)value);
                break;
            default:
                BinaryPrimitives.WriteInt64BigEndian(Code(MsgPackCode.Int64, 8), value);
                break;
        }
    }

    public void Write(ulong value)
    {
        switch (value)
        {
            case <= MsgPackCode.MaxPositiveFixInt:
                Put((byte)value);
                break;
            case <= byte.MaxValue:
                Put(MsgPackCode.UInt8);
                Put((byte)value);
                break;
            case <= ushort.MaxValue:
                BinaryPrimitives.WriteUInt16BigEndian(Code(MsgPackCode.UInt16, 2), (ushort)value);
                break;
            case <= uint.MaxValue:
                BinaryPrimitives.WriteUInt32BigEndian(Code(MsgPackCode.UInt32, 4), (uint)value);
                break;
            default:
                BinaryPrimitives.WriteUInt64BigEndian(Code(MsgPackCode.UInt64, 8), value);
                break;
        }
    }

    /// <summary>Writes a binary64, bit by bit: it is never narrowed, so that any NaN arrives as it was.</summary>
    public void Write(double value) => BinaryPrimitives.WriteDoubleBigEndian(Code(MsgPackCode.Float64, 8), value);

    public void Write(float value) => BinaryPrimitives.WriteSingleBigEndian(Code(MsgPackCode.Float32, 4), value);

    /// <summary>Writes a string; <paramref name="utf8"/> is taken as valid.</summary>
    public void WriteString(ReadOnlySpan<byte> utf8)
    {
        WriteStringHeader(utf8.Length);
        WriteRaw(utf8);
    }

    public void WriteString(ReadOnlySpan<char> text)
    {
        var bytes = Encoding.UTF8.GetByteCount(text);
        WriteStringHeader(bytes);
        Encoding.UTF8.GetBytes(text, Take(bytes));
    }

    public void WriteBinary(ReadOnlySpan<byte> bytes)
    {
        WriteBinaryHeader(bytes.Length);
        WriteRaw(bytes);
    }

    /// <summary>The header of a binary value; its bytes are to follow by <see cref="WriteRaw"/> or <see cref="Take"/>.</summary>
    public void WriteBinaryHeader(int lengthBytes) => WriteLength(lengthBytes, MsgPackCode.Bin8, MsgPackCode.Bin16, MsgPackCode.Bin32);

    public void WriteArrayHeader(int count)
    {
        if (count < 16) Put((byte)(MsgPackCode.FixArray | count));
        else WriteLength(count, null, MsgPackCode.Array16, MsgPackCode.Array32);
    }

    public void WriteMapHeader(int count)
    {
        if (count < 16) Put((byte)(MsgPackCode.FixMap | count));
        else WriteLength(count, null, MsgPackCode.Map16, MsgPackCode.Map32);
    }

    public void WriteExtension(sbyte type, ReadOnlySpan<byte> data)
    {
        var code = data.Length switch
        {
            1 => MsgPackCode.FixExt1,
            2 => MsgPackCode.FixExt2,
            4 => MsgPackCode.FixExt4,
            8 => MsgPackCode.FixExt8,
            16 => MsgPackCode.FixExt16,
            _ => MsgPackCode.Nil,
        };
        if (code == MsgPackCode.Nil) WriteLength(data.Length, MsgPackCode.Ext8, MsgPackCode.Ext16, MsgPackCode.Ext32);
        else Put(code);
        Put((byte)type);
        WriteRaw(data);
    }

    /// <summary>Writes a timestamp (extension -1) in the smallest of its three forms.</summary>
    public void WriteTimestamp(long unixMicros)
    {
        var (seconds, micros) = Math.DivRem(unixMicros, 1_000_000);
        if (micros < 0) (seconds, micros) = (seconds - 1, micros + 1_000_000);
        WriteTimestamp(seconds, (uint)micros * 1000);
    }

    public void WriteTimestamp(long seconds, uint nanos)
    {
        Span<byte> data = stackalloc byte[12];
        WriteExtension(MsgPackCode.Timestamp, data[..Timestamp.Encode(seconds, nanos, data)]);
    }

    /// <summary>Copies bytes that are values already, or the content of a value whose header was written.</summary>
    public void WriteRaw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    /// <summary>Room for <paramref name="count"/> bytes, which the caller fills at once. Valid until the next call that writes.</summary>
    public Span<byte> Take(int count)
    {
        if (count > _buffer.Length - _length) GrowSlow(count);
        var span = _buffer.AsSpan(_length, count);
        _length += count;
        return span;
    }

    public void Dispose()
    {
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _length = 0;
    }

    private void WriteStringHeader(int bytes)
    {
        if (bytes < 32) Put((byte)(MsgPackCode.FixString | bytes));
        else WriteLength(bytes, MsgPackCode.String8, MsgPackCode.String16, MsgPackCode.String32);
    }

    private void WriteLength(int length, byte? code8, byte code16, byte code32)
    {
        if (length <= byte.MaxValue && code8 is { } code)
        {
            Put(code);
            Put((byte)length);
        }
        else if (length <= ushort.MaxValue)
        {
            BinaryPrimitives.WriteUInt16BigEndian(Code(code16, 2), (ushort)length);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(Code(code32, 4), (uint)length);
        }
    }

    private void Put(byte value)
    {
        if (_length == _buffer.Length) GrowSlow(1);
        _buffer[_length++] = value;
    }

    private Span<byte> Code(byte code, int bytes)
    {
        var span = Take(bytes + 1);
        span[0] = code;
        return span[1..];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void GrowSlow(int count)
    {
        var grown = ArrayPool<byte>.Shared.Rent((int)Math.Max((long)_length + count, Math.Min(_buffer.Length * 2L, Array.MaxLength)));
        Written.CopyTo(grown);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = grown;
    }
}
