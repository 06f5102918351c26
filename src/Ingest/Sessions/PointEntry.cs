using System.Runtime.CompilerServices;

namespace DataLayer.Ingest.Sessions;

/// <summary>
/// The series of a point's fields, for one name and one set of tags as some agent encodes them. Fields are looked for where the last point of this
/// entry had them, then all around: a Telegraf sends its maps in an order that only rotates. Owned by a <see cref="PointCache"/>.
/// </summary>
internal sealed class PointEntry(byte[] name, byte[] tags)
{
    /// <summary>The series of a field that was never a number.</summary>
    public const int Unresolved = -1;

    /// <summary>The series of a field that is not remembered.</summary>
    public const int Unknown = -2;

    /// <summary>Fields remembered per entry; those beyond cost a look-up in the registry each time.</summary>
    private const int MaxFields = 1024;

    /// <summary>Fields compared before giving up; bounds the cost of a point whose fields come in a new order each time.</summary>
    private const int MaxProbes = 64;

    private byte[] _keys = [];
    private Field[] _fields = [];
    private int _keysLength;
    private int _count;

    /// <summary>The name's bytes.</summary>
    public byte[] Name { get; } = name;

    /// <summary>The tags as encoded, map header included; empty where the point has none.</summary>
    public byte[] Tags { get; } = tags;

    public ulong Hash { get; init; }

    /// <summary>The entry of the point that came after this one last time.</summary>
    public PointEntry? Next { get; set; }

    public int Count => _count;

    /// <summary>Bytes this entry takes.</summary>
    public long Bytes => 160 + Name.Length + Tags.Length + _keys.Length + (_fields.Length * 12L);

    /// <summary>
    /// The series of the field whose encoded name <paramref name="rest"/> begins with; <paramref name="at"/>: where to look first, then where it was found.
    /// Thread: the session's. Allocates: no. Blocks: no. Fails: returns false.
    /// </summary>
    public bool TryFind(ReadOnlySpan<byte> rest, ref int at, out int series, out int keyLength)
    {
        var fields = _fields;
        if ((uint)at >= (uint)_count) at = 0;
        for (var probe = Math.Min(_count, MaxProbes); probe > 0; probe--)
        {
            var field = fields[at];
            if (rest.StartsWith(_keys.AsSpan(field.Offset, field.Length)))
            {
                (series, keyLength) = (field.Series, field.Length);
                return true;
            }

            if (++at == _count) at = 0;
        }

        (series, keyLength) = (Unknown, 0);
        return false;
    }

    /// <summary>The field at this place is a number after all.</summary>
    public void Set(int at, int series) => _fields[at].Series = series;

    public bool IsFull => _count == MaxFields;

    /// <summary>Remembers a field by its encoded name. Returns by how many bytes the entry has grown.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public long Add(ReadOnlySpan<byte> key, int series)
    {
        var before = Bytes;
        if (_count == _fields.Length) Array.Resize(ref _fields, Math.Max(8, _count * 2));
        if (_keys.Length - _keysLength < key.Length) Array.Resize(ref _keys, Math.Max(_keys.Length * 2, _keysLength + key.Length));
        key.CopyTo(_keys.AsSpan(_keysLength));
        _fields[_count++] = new Field { Offset = _keysLength, Length = key.Length, Series = series };
        _keysLength += key.Length;
        return Bytes - before;
    }

    private struct Field
    {
        public int Offset;
        public int Length;
        public int Series;
    }
}
