namespace DataLayer.Protocol;

/// <summary>
/// Finds where a message ends, across any split of its bytes: it remembers what is still to come, and buffers nothing.
/// Every byte is looked at once at most, so that a message that drips in byte by byte costs no more than one that comes whole.
/// Owned by a connection. Thread: the owner. Allocates: no. Blocks: no. Fails: returns what is wrong; <see cref="Reset"/> before it is used again.
/// </summary>
public sealed class MessageScanner
{
    private readonly long[] _left;
    private int _depth;

    /// <summary>Bytes to pass over before the current value ends.</summary>
    private long _skip;

    /// <summary>The first byte of a value whose length is being read; 0 where none is.</summary>
    private byte _code;
    private int _lengthBytesLeft;
    private uint _length;

    /// <summary>
    /// What the message takes at least: the bytes seen, those declared, and one for each element that has yet to begin.
    /// At the end of the message it is its length.
    /// </summary>
    private long _leastBytes = 1;

    /// <param name="maxBytes">A message that is, or declares to be, longer than this is <see cref="ScanResult.TooLarge"/>.</param>
    public MessageScanner(int maxBytes, int maxDepth = ProtocolLimits.MaxDepth)
    {
        MaxBytes = maxBytes;
        _left = new long[maxDepth];
    }

    public int MaxBytes { get; }

    /// <summary>Bytes of the message under way that were consumed so far; 0 between messages.</summary>
    public long ConsumedBytes { get; private set; }

    /// <summary>The message under way needs at least this many more bytes; 0 between messages.</summary>
    public long MissingBytes => ConsumedBytes == 0 ? 0 : _leastBytes - ConsumedBytes;

    /// <summary>True while a message was begun and not finished.</summary>
    public bool IsInsideMessage => ConsumedBytes > 0;

    /// <summary>Forgets the message under way.</summary>
    public void Reset()
    {
        _depth = 0;
        _skip = 0;
        _code = 0;
        _lengthBytesLeft = 0;
        _leastBytes = 1;
        ConsumedBytes = 0;
    }

    /// <summary>Goes on with the message; <paramref name="consumed"/> tells how many of <paramref name="bytes"/> belong to it.</summary>
    public ScanResult Scan(ReadOnlySpan<byte> bytes, out int consumed)
    {
        var result = ScanValues(bytes, out consumed);
        if (result == ScanResult.Complete) Reset();
        else ConsumedBytes += consumed;
        return result;
    }

    private ScanResult ScanValues(ReadOnlySpan<byte> bytes, out int next)
    {
        next = 0;
        while (true)
        {
            if (_skip > 0)
            {
                var skipped = (int)Math.Min(_skip, bytes.Length - next);
                _skip -= skipped;
                next += skipped;
                if (_skip > 0) return ScanResult.NeedMore;
                if (EndsMessage()) return ScanResult.Complete;
            }

            if ((uint)next >= (uint)bytes.Length) return ScanResult.NeedMore;
            var result = _lengthBytesLeft > 0 ? OnLengthByte(bytes[next++]) : OnCode(bytes[next++]);
            if (result != ScanResult.NeedMore) return result;
        }
    }

    /// <summary>NeedMore means that the message goes on here: the bytes at hand may or may not be used up.</summary>
    private ScanResult OnCode(byte code)
    {
        switch (code)
        {
            case <= MsgPackCode.MaxPositiveFixInt or >= MsgPackCode.MinNegativeFixInt:
                return EndsMessage() ? ScanResult.Complete : ScanResult.NeedMore;
            case < MsgPackCode.FixArray:
                return OnContainer((code & 15) * 2);
            case < MsgPackCode.FixString:
                return OnContainer(code & 15);
            case < MsgPackCode.Nil:
                return OnBytes(code & 31);
            case MsgPackCode.Unused:
                return ScanResult.Malformed;
        }

        _lengthBytesLeft = MsgPackCode.LengthBytes[code - MsgPackCode.Nil];
        if (_lengthBytesLeft == 0) return OnBytes(MsgPackCode.FixedBytes[code - MsgPackCode.Nil]);
        _code = code;
        _length = 0;
        _leastBytes += _lengthBytesLeft;
        return _leastBytes > MaxBytes ? ScanResult.TooLarge : ScanResult.NeedMore;
    }

    private ScanResult OnLengthByte(byte value)
    {
        _length = (_length << 8) | value;
        if (--_lengthBytesLeft > 0) return ScanResult.NeedMore;
        return _code switch
        {
            MsgPackCode.Array16 or MsgPackCode.Array32 => OnContainer(_length),
            MsgPackCode.Map16 or MsgPackCode.Map32 => OnContainer(_length * 2L),
            _ => OnBytes(_length + (long)MsgPackCode.FixedBytes[_code - MsgPackCode.Nil]),
        };
    }

    private ScanResult OnBytes(long count)
    {
        _leastBytes += count;
        if (_leastBytes > MaxBytes) return ScanResult.TooLarge;
        _skip = count;
        return count == 0 && EndsMessage() ? ScanResult.Complete : ScanResult.NeedMore;
    }

    private ScanResult OnContainer(long elements)
    {
        if (_depth == _left.Length) return ScanResult.TooDeep;
        _leastBytes += elements;
        if (_leastBytes > MaxBytes) return ScanResult.TooLarge;
        if (elements == 0) return EndsMessage() ? ScanResult.Complete : ScanResult.NeedMore;
        _left[_depth++] = elements;
        return ScanResult.NeedMore;
    }

    /// <summary>A value has ended, and with it each container that it was the last of.</summary>
    private bool EndsMessage()
    {
        while (_depth > 0)
        {
            if (--_left[_depth - 1] > 0) return false;
            _depth--;
        }

        return true;
    }
}
