using DataLayer.Protocol;

namespace DataLayer.Cli.Input;

/// <summary>
/// Messages of the protocol, back to back, as they are on the wire: lines, points, schemas, rows and blocks. They are passed on as they are. A hello is passed over:
/// this program says its own.
/// </summary>
internal sealed class MsgPackSource(Stream input) : MessageSource(input)
{
    private readonly MessageScanner _scanner = new(ProtocolLimits.MaxMessageBytes);
    private byte[] _buffer = new byte[256 * 1024];
    private int _start;
    private int _end;
    private long _number;
    private bool _isOver;

    public override string PositionName => "message";

    public override bool TryNext(MsgPackWriter writer, out SourceItem item)
    {
        item = default;
        while (!_isOver)
        {
            if (!TryMessage(out var length, out var error)) return false;
            _number++;
            if (error is not null)
            {
                // Where the next message begins, nobody knows.
                _isOver = true;
                item = new SourceItem(_number, 1, error + "; the rest of the input is not read");
                return true;
            }

            var message = _buffer.AsSpan(_start, length);
            _start += length;
            if (Samples(message) is not { } samples) continue;
            writer.WriteRaw(message);
            item = new SourceItem(_number, samples, null);
            return true;
        }

        return false;
    }

    /// <summary>Finds the next message at <see cref="_start"/>; false at the end of the input.</summary>
    private bool TryMessage(out int length, out string? error)
    {
        var scanned = 0;
        (length, error) = (0, null);
        _scanner.Reset();
        while (true)
        {
            var result = _scanner.Scan(_buffer.AsSpan(_start + scanned, _end - _start - scanned), out var consumed);
            scanned += consumed;
            switch (result)
            {
                case ScanResult.Complete:
                    length = scanned;
                    return true;
                case ScanResult.NeedMore:
                    if (Fill()) continue;
                    error = scanned > 0 ? "cut short by the end of the input" : null;
                    return scanned > 0;
                case ScanResult.TooLarge:
                    error = $"longer than {ProtocolLimits.MaxMessageBytes} bytes";
                    return true;
                case ScanResult.TooDeep:
                    error = $"nested deeper than {ProtocolLimits.MaxDepth}";
                    return true;
                default:
                    error = "not MessagePack";
                    return true;
            }
        }
    }

    private bool Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_end, _start) = (_end - _start, 0);
        }

        if (_end == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
        var count = input.Read(_buffer, _end, _buffer.Length - _end);
        _end += count;
        return count > 0;
    }

    /// <summary>How many samples a message holds; null for one that is not to be sent. What is wrong with a message is for the daemon to say.</summary>
    private static int? Samples(ReadOnlySpan<byte> message)
    {
        var reader = new MsgPackReader(message);
        if (reader.PeekKind() == MsgPackKind.Map) return PointSamples(ref reader);
        if (!reader.TryReadArrayHeader(out var count) || count < 2 || !reader.TryReadInt64(out var op)) return 1;
        switch (op)
        {
            case Op.Hello or Op.Flush:
                return null;
            case Op.Schema:
                return 0;
            case Op.Row or Op.Block:
                for (var i = 2; i < count; i++)
                {
                    if (!reader.TrySkip()) return 1;
                }

                return reader.TryReadBinary(out var values) ? values.Length / sizeof(double) : 1;
            default:
                return 1;
        }
    }

    private static int PointSamples(ref MsgPackReader reader)
    {
        if (!reader.TryReadMapHeader(out var pairs)) return 1;
        for (; pairs > 0; pairs--)
        {
            if (!reader.TryReadString(out var key)) return 1;
            if (!key.SequenceEqual("fields"u8))
            {
                if (!reader.TrySkip()) return 1;
                continue;
            }

            if (!reader.TryReadMapHeader(out var fields)) return 1;
            var samples = 0;
            for (; fields > 0; fields--)
            {
                if (!reader.TrySkip()) return 1;
                if (reader.PeekKind() is MsgPackKind.Integer or MsgPackKind.Float or MsgPackKind.Boolean) samples++;
                if (!reader.TrySkip()) return 1;
            }

            return samples;
        }

        return 1;
    }
}
