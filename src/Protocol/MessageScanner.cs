namespace DataLayer.Protocol;

/// <summary>
/// Finds where a message ends, across any split of its bytes: it remembers what is still to come, and buffers nothing.
/// Every byte is looked at once at most, so that a message that drips in byte by byte costs no more than one that comes whole.
/// Owned by a connection. Thread: the owner. Allocates: no. Blocks: no. Fails: returns what is wrong; <see cref="Reset"/> before it is used again.
/// </summary>
public sealed class MessageScanner
{
    /// <summary>For each container around the current one: how many of its elements have yet to end.</summary>
    private readonly long[] _outer;
    private int _depth;

    /// <summary>How many elements of the current container have yet to end; outside of all, the message itself.</summary>
    private long _left = 1;

    /// <summary>Bytes to pass over before the current value ends.</summary>
    private long _skip;

    /// <summary>The first byte of a value whose length is being read; 0 where none is.</summary>
    private byte _code;
    private int _lengthBytesLeft;
    private uint _length;

    /// <summary>
    /// What the limit leaves beyond what the message takes at least: the bytes seen, those declared, and one for each element that has yet to begin.
    /// </summary>
    private long _roomBytes;

    /// <param name="maxBytes">A message that is, or declares to be, longer than this is <see cref="ScanResult.TooLarge"/>.</param>
    public MessageScanner(int maxBytes, int maxDepth = ProtocolLimits.MaxDepth)
    {
        MaxBytes = maxBytes;
        _roomBytes = maxBytes - 1L;
        _outer = new long[maxDepth];
    }

    public int MaxBytes { get; }

    /// <summary>Bytes of the message under way that were consumed so far; 0 between messages.</summary>
    public long ConsumedBytes { get; private set; }

    /// <summary>The message under way needs at least this many more bytes; 0 between messages.</summary>
    public long MissingBytes => ConsumedBytes == 0 ? 0 : MaxBytes - _roomBytes - ConsumedBytes;

    /// <summary>True while a message was begun and not finished.</summary>
    public bool IsInsideMessage => ConsumedBytes > 0;

    /// <summary>Forgets the message under way.</summary>
    public void Reset()
    {
        _depth = 0;
        _left = 1;
        _skip = 0;
        _code = 0;
        _lengthBytesLeft = 0;
        _roomBytes = MaxBytes - 1L;
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
        if (_lengthBytesLeft > 0 || _skip > 0)
        {
            var resumed = ResumeSlow(bytes, ref next);
            if (resumed != ScanResult.NeedMore) return resumed;
        }

        while (true)
        {
            var result = ScanShort(bytes, ref next);
            if (result != ScanResult.NeedMore || next == bytes.Length) return result;
            result = OnOther(bytes, bytes[next], ref next);
            if (result != ScanResult.NeedMore) return result;
        }
    }

    /// <summary>Goes over values whose first byte says all; stops at one that is not such, or at the end of the bytes.</summary>
    private ScanResult ScanShort(ReadOnlySpan<byte> bytes, ref int next)
    {
        // Locals, stored when the run ends: a store and a load per value were half of the time.
        var sizes = MsgPackCode.ValueBytes;
        var at = next;
        var left = _left;
        var room = _roomBytes;
        var result = ScanResult.NeedMore;
        while ((uint)at < (uint)bytes.Length)
        {
            int size = sizes[bytes[at]];
            if (size == 0) break;
            room -= size - 1;
            if (room < 0)
            {
                result = ScanResult.TooLarge;
                break;
            }

            at += size;
            if (at > bytes.Length)
            {
                _skip = at - bytes.Length;
                at = bytes.Length;
                break;
            }

            if (--left > 0) continue;
            while (left == 0 && _depth > 0) left = _outer[--_depth] - 1;
            if (left > 0) continue;
            result = ScanResult.Complete;
            break;
        }

        next = at;
        _left = left;
        _roomBytes = room;
        return result;
    }

    /// <summary>A container, or a value with a length of its own. NeedMore: the message goes on, within the bytes at hand or after them.</summary>
    private ScanResult OnOther(ReadOnlySpan<byte> bytes, byte code, ref int next)
    {
        next++;
        if (code < MsgPackCode.FixArray) return OnContainer((code & 15) * 2);
        if (code < MsgPackCode.FixString) return OnContainer(code & 15);
        if (code == MsgPackCode.Unused) return ScanResult.Malformed;
        _lengthBytesLeft = MsgPackCode.LengthBytes[code - MsgPackCode.Nil];
        _code = code;
        _length = 0;
        _roomBytes -= _lengthBytesLeft;
        return _roomBytes < 0 ? ScanResult.TooLarge : ResumeSlow(bytes, ref next);
    }

    /// <summary>Goes on with a length, or with bytes to pass over.</summary>
    private ScanResult ResumeSlow(ReadOnlySpan<byte> bytes, ref int next)
    {
        while (_lengthBytesLeft > 0)
        {
            if (next == bytes.Length) return ScanResult.NeedMore;
            _length = (_length << 8) | bytes[next++];
            if (--_lengthBytesLeft > 0) continue;
            var result = OnLength();
            if (result != ScanResult.NeedMore) return result;
        }

        if (_skip == 0) return ScanResult.NeedMore;
        var skipped = (int)Math.Min(_skip, bytes.Length - next);
        _skip -= skipped;
        next += skipped;
        return _skip == 0 && --_left == 0 && EndsOuter() ? ScanResult.Complete : ScanResult.NeedMore;
    }

    private ScanResult OnLength()
    {
        if (_code is MsgPackCode.Array16 or MsgPackCode.Array32) return OnContainer(_length);
        if (_code is MsgPackCode.Map16 or MsgPackCode.Map32) return OnContainer(_length * 2L);
        _skip = _length + (long)MsgPackCode.FixedBytes[_code - MsgPackCode.Nil];
        _roomBytes -= _skip;
        if (_roomBytes < 0) return ScanResult.TooLarge;
        return _skip == 0 && --_left == 0 && EndsOuter() ? ScanResult.Complete : ScanResult.NeedMore;
    }

    private ScanResult OnContainer(long elements)
    {
        if (_depth == _outer.Length) return ScanResult.TooDeep;
        _roomBytes -= elements;
        if (_roomBytes < 0) return ScanResult.TooLarge;
        if (elements == 0) return --_left == 0 && EndsOuter() ? ScanResult.Complete : ScanResult.NeedMore;
        _outer[_depth++] = _left;
        _left = elements;
        return ScanResult.NeedMore;
    }

    /// <summary>The last element of a container has ended, and with it the container, and each of which that was the last. True: the message.</summary>
    private bool EndsOuter()
    {
        do
        {
            if (_depth == 0) return true;
            _left = _outer[--_depth];
        }
        while (--_left == 0);
        return false;
    }
}
