using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace DataLayer.Protocol;

/// <summary>
/// Reads MessagePack values from bytes that hold whole messages. Each method reads the next value if it is of the kind asked for
/// (in any of its encodings) and complete, or returns false and stays where it was. Spans that come out point into the bytes that went in.
/// Thread: the owner. Allocates: no. Blocks: no. Fails: returns false, never throws, never reads past the end.
/// </summary>
public ref struct MsgPackReader
{
    private readonly ReadOnlySpan<byte> _bytes;
    private int _position;

    public MsgPackReader(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>Bytes read so far.</summary>
    public readonly int Position => _position;

    /// <summary>Bytes still to be read.</summary>
    public readonly int Remaining => _bytes.Length - _position;

    /// <summary>The bytes still to be read.</summary>
    public readonly ReadOnlySpan<byte> Rest => _bytes[_position..];

    /// <summary>The bytes from <paramref name="start"/> to here: what was read since <see cref="Position"/> was there.</summary>
    public readonly ReadOnlySpan<byte> Since(int start) => _bytes[start.._position];

    /// <summary>Goes past bytes that the caller has recognized as a whole value: no value begins with another.</summary>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)Remaining, nameof(count));
        _position += count;
    }

    public readonly MsgPackKind PeekKind() =>
        (uint)_position < (uint)_bytes.Length ? MsgPackCode.KindOf(_bytes[_position]) : MsgPackKind.End;

    public bool TryReadNil() => TryTake(MsgPackCode.Nil);

    public bool TryReadBoolean(out bool value)
    {
        value = TryTake(MsgPackCode.True);
        return value || TryTake(MsgPackCode.False);
    }

    /// <summary>Reads an integer; false for one above <see cref="long.MaxValue"/>.</summary>
    public bool TryReadInt64(out long value)
    {
        if ((uint)_position < (uint)_bytes.Length && _bytes[_position] <= MsgPackCode.MaxPositiveFixInt)
        {
            value = _bytes[_position++];
            return true;
        }

        return TryReadInt64Slow(out value);
    }

    /// <summary>Reads an integer; false for a negative one.</summary>
    public bool TryReadUInt64(out ulong value)
    {
        var start = _position;
        if (start < _bytes.Length && _bytes[start] == MsgPackCode.UInt64) return TryReadBigEndian(out value);
        if (TryReadInt64(out var signed) && signed >= 0)
        {
            value = (ulong)signed;
            return true;
        }

        _position = start;
        value = 0;
        return false;
    }

    /// <summary>Reads any number, rounded to the nearest binary64 where it is an integer beyond 2^53.</summary>
    public bool TryReadDouble(out double value)
    {
        var rest = _bytes[_position..];
        if (rest.Length >= 9 && rest[0] == MsgPackCode.Float64)
        {
            value = BinaryPrimitives.ReadDoubleBigEndian(rest[1..]);
            _position += 9;
            return true;
        }

        return TryReadDoubleSlow(out value);
    }

    /// <summary>Reads a string as its bytes, which need not be valid UTF-8.</summary>
    public bool TryReadString(out ReadOnlySpan<byte> utf8)
    {
        if ((uint)_position < (uint)_bytes.Length)
        {
            var length = _bytes[_position] ^ MsgPackCode.FixString;
            if (length < 32 && length < _bytes.Length - _position)
            {
                utf8 = _bytes.Slice(_position + 1, length);
                _position += 1 + length;
                return true;
            }
        }

        return TryReadStringSlow(out utf8);
    }

    public bool TryReadBinary(out ReadOnlySpan<byte> bytes) => TryReadSized(MsgPackCode.Bin8, out bytes);

    /// <summary>Reads the count of an array's elements, which follow. False where there are fewer bytes left than elements declared.</summary>
    public bool TryReadArrayHeader(out int count)
    {
        if ((uint)_position < (uint)_bytes.Length)
        {
            count = _bytes[_position] ^ MsgPackCode.FixArray;
            if (count < 16 && count < _bytes.Length - _position)
            {
                _position++;
                return true;
            }
        }

        return TryReadCountSlow(MsgPackCode.Array16, 1, out count);
    }

    /// <summary>Reads the count of a map's pairs, which follow. False where the bytes left cannot hold the pairs declared.</summary>
    public bool TryReadMapHeader(out int count)
    {
        if ((uint)_position < (uint)_bytes.Length)
        {
            count = _bytes[_position] ^ MsgPackCode.FixMap;
            if (count < 16 && count * 2 < _bytes.Length - _position)
            {
                _position++;
                return true;
            }
        }

        return TryReadCountSlow(MsgPackCode.Map16, 2, out count);
    }

    public bool TryReadExtension(out sbyte type, out ReadOnlySpan<byte> data)
    {
        type = 0;
        data = default;
        var rest = _bytes[_position..];
        if (rest.IsEmpty || MsgPackCode.KindOf(rest[0]) != MsgPackKind.Extension) return false;
        int header;
        uint length;
        if (rest[0] >= MsgPackCode.FixExt1)
        {
            header = 2;
            length = 1u << (rest[0] - MsgPackCode.FixExt1);
        }
        else
        {
            header = 2 + MsgPackCode.LengthBytes[rest[0] - MsgPackCode.Nil];
            if (!TryPeekLength(rest, out length)) return false;
        }

        if (rest.Length < header || length > (uint)(rest.Length - header)) return false;
        type = (sbyte)rest[header - 1];
        data = rest.Slice(header, (int)length);
        _position += header + (int)length;
        return true;
    }

    /// <summary>
    /// Reads a timestamp (extension -1, of 32, 64 or 96 bits) as microseconds since 1970-01-01T00:00:00Z, rounded down.
    /// False, too, for nanoseconds above 999,999,999, and for times that do not fit.
    /// </summary>
    public bool TryReadTimestamp(out long unixMicros)
    {
        unixMicros = 0;
        var start = _position;
        if (!TryReadExtension(out var type, out var data)) return false;
        if (type == MsgPackCode.Timestamp && Timestamp.TryDecode(data, out unixMicros)) return true;
        _position = start;
        return false;
    }

    /// <summary>Goes past one value of any kind. False where it is incomplete, invalid, or nested deeper than <paramref name="maxDepth"/>.</summary>
    public bool TrySkip(int maxDepth = ProtocolLimits.MaxDepth)
    {
        var start = _position;
        if (TrySkipWithin(maxDepth)) return true;
        _position = start;
        return false;
    }

    private bool TrySkipWithin(int depth)
    {
        if ((uint)_position >= (uint)_bytes.Length) return false;
        var size = MsgPackCode.ValueBytes[_bytes[_position]];
        if (size > 0)
        {
            if (size > Remaining) return false;
            _position += size;
            return true;
        }

        return PeekKind() switch
        {
            MsgPackKind.String => TryReadString(out _),
            MsgPackKind.Binary => TryReadBinary(out _),
            MsgPackKind.Extension => TryReadExtension(out _, out _),
            MsgPackKind.Array => TryReadArrayHeader(out var elements) && TrySkipElements(elements, depth),
            MsgPackKind.Map => TryReadMapHeader(out var pairs) && TrySkipElements(pairs * 2, depth),
            _ => false,
        };
    }

    private bool TrySkipElements(int count, int depth)
    {
        if (depth <= 0) return false;
        for (; count > 0; count--)
        {
            var size = (uint)_position < (uint)_bytes.Length ? MsgPackCode.ValueBytes[_bytes[_position]] : 0;
            if (size > 0 && size <= Remaining) _position += size;
            else if (!TrySkipWithin(depth - 1)) return false;
        }

        return true;
    }

    private bool TryTake(byte code)
    {
        if ((uint)_position >= (uint)_bytes.Length || _bytes[_position] != code) return false;
        _position++;
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryReadInt64Slow(out long value)
    {
        value = 0;
        var rest = _bytes[_position..];
        if (rest.IsEmpty) return false;
        var code = rest[0];
        if (code >= MsgPackCode.MinNegativeFixInt)
        {
            value = (sbyte)code;
            _position++;
            return true;
        }

        if (code is < MsgPackCode.UInt8 or > MsgPackCode.Int64) return false;
        var size = 1 << (code & 3);
        if (rest.Length <= size) return false;
        value = code switch
        {
            MsgPackCode.UInt8 => rest[1],
            MsgPackCode.UInt16 => BinaryPrimitives.ReadUInt16BigEndian(rest[1..]),
            MsgPackCode.UInt32 => BinaryPrimitives.ReadUInt32BigEndian(rest[1..]),
            MsgPackCode.Int8 => (sbyte)rest[1],
            MsgPackCode.Int16 => BinaryPrimitives.ReadInt16BigEndian(rest[1..]),
            MsgPackCode.Int32 => BinaryPrimitives.ReadInt32BigEndian(rest[1..]),
            _ => BinaryPrimitives.ReadInt64BigEndian(rest[1..]),
        };
        if (code == MsgPackCode.UInt64 && value < 0)
        {
            value = 0;
            return false;
        }

        _position += 1 + size;
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryReadDoubleSlow(out double value)
    {
        value = 0;
        var rest = _bytes[_position..];
        if (rest.IsEmpty) return false;
        switch (rest[0])
        {
            case MsgPackCode.Float64:
                return false;
            case MsgPackCode.Float32:
                if (rest.Length < 5) return false;
                value = BinaryPrimitives.ReadSingleBigEndian(rest[1..]);
                _position += 5;
                return true;
            case MsgPackCode.UInt64:
                if (!TryReadBigEndian(out var unsigned)) return false;
                value = unsigned;
                return true;
            default:
                if (!TryReadInt64(out var integer)) return false;
                value = integer;
                return true;
        }
    }

    private bool TryReadBigEndian(out ulong value)
    {
        value = 0;
        if (Remaining < 9) return false;
        value = BinaryPrimitives.ReadUInt64BigEndian(_bytes[(_position + 1)..]);
        _position += 9;
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryReadStringSlow(out ReadOnlySpan<byte> utf8) => TryReadSized(MsgPackCode.String8, out utf8);

    /// <summary>Reads a value of the three codes from <paramref name="code8"/> on, whose lengths have 8, 16 and 32 bits.</summary>
    private bool TryReadSized(byte code8, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        var rest = _bytes[_position..];
        if (rest.IsEmpty || (uint)(rest[0] - code8) > 2 || !TryPeekLength(rest, out var length)) return false;
        var header = 1 + (1 << (rest[0] - code8));
        if (length > (uint)(rest.Length - header)) return false;
        bytes = rest.Slice(header, (int)length);
        _position += header + (int)length;
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryReadCountSlow(byte code16, int perElement, out int count)
    {
        count = 0;
        var rest = _bytes[_position..];
        if (rest.IsEmpty || (uint)(rest[0] - code16) > 1 || !TryPeekLength(rest, out var declared)) return false;
        var header = rest[0] == code16 ? 3 : 5;
        if ((long)declared * perElement > rest.Length - header) return false;
        count = (int)declared;
        _position += header;
        return true;
    }

    private static bool TryPeekLength(ReadOnlySpan<byte> rest, out uint length)
    {
        var bytes = MsgPackCode.LengthBytes[rest[0] - MsgPackCode.Nil];
        length = 0;
        if (rest.Length <= bytes) return false;
        length = bytes switch
        {
            1 => rest[1],
            2 => BinaryPrimitives.ReadUInt16BigEndian(rest[1..]),
            _ => BinaryPrimitives.ReadUInt32BigEndian(rest[1..]),
        };
        return true;
    }
}
