using System.Buffers;

namespace DataLayer.Query.Samples;

/// <summary>
/// A piece of an answer's text, whole rows of it. One thread writes it, then another may send it; each row's end is known, so that the sender can cut it
/// where the limit is reached. Disposing gives the memory back.
/// </summary>
internal sealed class TextBlock : IBufferWriter<byte>, IDisposable
{
    private const int Bytes = 64 * 1024;

    /// <summary>Room that is left for the end of a series or the beginning of the next one, so that a block seldom grows.</summary>
    private const int FullBytes = Bytes - 1024;

    private readonly List<int> _rowEnds = [];
    private byte[] _text = ArrayPool<byte>.Shared.Rent(Bytes);
    private int _length;

    /// <param name="isContinued">Whether it begins in the middle of a series.</param>
    public TextBlock(bool isContinued) => IsContinued = isContinued;

    public bool IsContinued { get; }

    public bool IsFull => _length >= FullBytes;

    public int RowCount => _rowEnds.Count;

    public ReadOnlySpan<byte> Text => _text.AsSpan(0, _length);

    /// <summary>The text of the first so many rows, without the end of their series.</summary>
    public ReadOnlySpan<byte> FirstRows(int count) => _text.AsSpan(0, count == 0 ? 0 : _rowEnds[count - 1]);

    public void Advance(int count) => _length += count;

    public void EndRow() => _rowEnds.Add(_length);

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _text.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _text.AsSpan(_length);
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_text);
        (_text, _length) = ([], 0);
    }

    private void Reserve(int bytes)
    {
        if (_text.Length - _length < Math.Max(bytes, 1)) GrowSlow(bytes);
    }

    private void GrowSlow(int bytes)
    {
        var grown = ArrayPool<byte>.Shared.Rent(Math.Max(_length + bytes, _text.Length * 2));
        Text.CopyTo(grown);
        ArrayPool<byte>.Shared.Return(_text);
        _text = grown;
    }
}
