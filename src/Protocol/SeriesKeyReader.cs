using System.Buffers.Binary;

namespace DataLayer.Protocol;

/// <summary>Walks a canonical series key (see <see cref="SeriesKey"/>). On bytes that are none: <see cref="IsValid"/> or <see cref="IsAtEnd"/> is false; never throws.</summary>
public ref struct SeriesKeyReader
{
    private readonly ReadOnlySpan<byte> _key;
    private int _next;
    private int _left;

    public SeriesKeyReader(ReadOnlySpan<byte> key)
    {
        _key = key;
        if (key.Length < 2 || key[0] + 2 > key.Length) return;
        IsValid = true;
        Name = key.Slice(1, key[0]);
        LabelCount = _left = key[1 + key[0]];
        _next = 2 + key[0];
    }

    /// <summary>False where the bytes do not begin like a key.</summary>
    public bool IsValid { get; }

    public ReadOnlySpan<byte> Name { get; }

    public int LabelCount { get; }

    /// <summary>All labels were read, and nothing is left over.</summary>
    public readonly bool IsAtEnd => IsValid && _left == 0 && _next == _key.Length;

    /// <summary>The next label, in the order of their names; false at the end.</summary>
    public bool TryNext(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        name = value = default;
        if (_left == 0 || _next >= _key.Length) return false;
        var rest = _key[_next..];
        var nameLength = rest[0];
        if (rest.Length < nameLength + 3) return false;
        int valueLength = BinaryPrimitives.ReadUInt16LittleEndian(rest[(1 + nameLength)..]);
        if (rest.Length < nameLength + 3 + valueLength) return false;
        name = rest.Slice(1, nameLength);
        value = rest.Slice(3 + nameLength, valueLength);
        _next += 3 + nameLength + valueLength;
        _left--;
        return true;
    }
}
