using System.Runtime.InteropServices;
using System.Text;

namespace DataLayer.Engines.ClickHouse;

/// <summary>
/// Reads an answer in format Native, block by block: per block the numbers of columns and rows as variable-length integers, then each column's name, type and its values in a row, little-endian
/// (docs: interfaces/formats/Native). Only columns of 4 and 8 bytes. Owned by one thread; gives the connection back when disposed.
/// </summary>
internal sealed class NativeReader(Stream stream, Func<Exception, EngineException> translate, TimeSpan timeout, Action release, CancellationToken cancellation) : IDisposable
{
    private const int BufferBytes = 1 << 18;

    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly List<(string Name, string Type, byte[] Data)> _columns = [];
    private int _from;
    private int _to;
    private bool _isReleased;

    /// <summary>Rows of the current block.</summary>
    public int Rows { get; private set; }

    /// <summary>A column of the current block; valid until the next <see cref="TryNext"/>.</summary>
    public ReadOnlySpan<T> Column<T>(int at)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(_columns[at].Data)[..Rows];

    /// <summary>The next block that has rows; false at the end. Throws <see cref="EngineException"/>.</summary>
    public bool TryNext(int columnCount)
    {
        try
        {
            do
            {
                if (!TryByte(out var first)) return false;
                var columns = (long)VarInt(first);

                // An error in the middle of an answer stands where a block would begin.
                if (columns != columnCount) throw Broken(first);
                Rows = (int)VarInt(Byte());
                for (var at = 0; at < columnCount; at++) ReadColumn(at);
            }
            while (Rows == 0);
            return true;
        }
        catch (Exception fault) when (fault is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            throw translate(fault);
        }
    }

    public void Dispose()
    {
        if (_isReleased) return;
        _isReleased = true;
        release();
    }

    private void ReadColumn(int at)
    {
        var name = Text();
        var type = Text();
        var width = type switch
        {
            "Float32" => 4,
            "Int64" or "UInt64" or "Float64" => 8,
            _ when type.StartsWith("DateTime64(", StringComparison.Ordinal) => 8,
            _ => throw new InvalidDataException($"the column {name} has the type {type}"),
        };
        if (at == _columns.Count) _columns.Add((name, type, []));
        var data = _columns[at].Data;
        var bytes = Rows * width;
        if (data.Length < bytes) data = new byte[Math.Max(bytes, data.Length * 2)];
        _columns[at] = (name, type, data);
        Fill(data.AsSpan(0, bytes));
    }

    private Exception Broken(byte first)
    {
        var rest = new StringBuilder().Append((char)first);
        while (rest.Length < 4096 && TryByte(out var next)) rest.Append((char)next);
        var text = rest.ToString();
        var at = text.IndexOf("Code: ", StringComparison.Ordinal);
        return at < 0
            ? new InvalidDataException("the answer is not in format Native")
            : ClickHouseErrors.OfServer(ClickHouseErrors.CodeOf(text), ClickHouseErrors.Short(text[at..]), "ClickHouse: in the middle of an answer: ");
    }

    private string Text()
    {
        var length = (int)VarInt(Byte());
        if (length > 4096) throw new InvalidDataException("a name of more than 4,096 bytes");
        Span<byte> text = stackalloc byte[length];
        Fill(text);
        return Encoding.UTF8.GetString(text);
    }

    private ulong VarInt(byte first)
    {
        ulong value = (ulong)first & 0x7F;
        for (var shift = 7; first >= 0x80; shift += 7)
        {
            if (shift > 56) throw new InvalidDataException("a number of more than nine bytes");
            first = Byte();
            value |= ((ulong)first & 0x7F) << shift;
        }

        return value;
    }

    private byte Byte() => TryByte(out var value) ? value : throw new EndOfStreamException("the answer ends in the middle of a block");

    private bool TryByte(out byte value)
    {
        value = 0;
        if (_from == _to && !TryFill()) return false;
        value = _buffer[_from++];
        return true;
    }

    private void Fill(Span<byte> target)
    {
        while (target.Length > 0)
        {
            if (_from == _to && !TryFill()) throw new EndOfStreamException("the answer ends in the middle of a block");
            var length = Math.Min(target.Length, _to - _from);
            _buffer.AsSpan(_from, length).CopyTo(target);
            _from += length;
            target = target[length..];
        }
    }

    private bool TryFill()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(timeout);

        // Snapshots are read without async, by a thread that waits.
        _to = stream.ReadAsync(_buffer, patience.Token).AsTask().GetAwaiter().GetResult();
        _from = 0;
        return _to > 0;
    }
}
