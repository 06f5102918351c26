using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace DataLayer.Protocol;

/// <summary>
/// Builds the canonical key of a series (see <see cref="SeriesKey"/>) from a name and labels in any order, and checks both.
/// <c>Begin</c>, then <c>AddLabel</c> for each, then <c>Finish</c>; the first fault is remembered and told by <c>Finish</c>.
/// Reused from series to series. Thread: the owner. Allocates: only to grow to the longest key. Blocks: no. Fails: returns the status.
/// </summary>
public sealed class SeriesKeyBuilder
{
    private readonly Label[] _labels = new Label[ProtocolLimits.MaxLabels];

    /// <summary>Names and values as they came, one after the other.</summary>
    private byte[] _raw = new byte[1024];
    private byte[] _key = new byte[1024];
    private int _rawLength;
    private int _nameLength;
    private int _count;
    private SeriesKeyStatus _status = SeriesKeyStatus.NameEmpty;

    /// <summary>The first fault since <see cref="Begin(ReadOnlySpan{byte})"/>.</summary>
    public SeriesKeyStatus Status => _status;

    public void Begin(ReadOnlySpan<byte> name) => Begin(name, default);

    /// <summary>Begins with a name in two parts, joined by '_' where the second is not empty: a point's name and its field.</summary>
    public void Begin(ReadOnlySpan<byte> name, ReadOnlySpan<byte> field)
    {
        _rawLength = 0;
        _count = 0;
        _nameLength = 0;
        _status = SeriesKeyStatus.Ok;
        if (name.IsEmpty) _status = SeriesKeyStatus.NameEmpty;
        else if (name.Length + (field.IsEmpty ? 0 : field.Length + 1) > ProtocolLimits.MaxNameBytes) _status = SeriesKeyStatus.NameTooLong;
        if (_status != SeriesKeyStatus.Ok) return;
        Keep(name);
        if (!field.IsEmpty)
        {
            Keep("_"u8);
            Keep(field);
        }

        _nameLength = _rawLength;
        _status = SeriesKey.CheckName(_raw.AsSpan(0, _nameLength));
    }

    /// <summary>The name goes on with other labels: those added so far are forgotten, and so are their faults.</summary>
    public void ClearLabels()
    {
        _count = 0;
        _rawLength = _nameLength;
        _status = SeriesKey.CheckName(_raw.AsSpan(0, _nameLength));
    }

    /// <summary>Adds a label; an empty value means that there is no such label.</summary>
    public void AddLabel(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (_status != SeriesKeyStatus.Ok) return;
        _status = Check(name, value);
        if (_status != SeriesKeyStatus.Ok) return;
        var label = new Label { At = _rawLength, NameLength = name.Length, ValueLength = value.Length };
        Keep(name);
        Keep(value);

        // Insertion from the end: agents mostly send labels in order, which costs one comparison each.
        var place = _count;
        while (place > 0)
        {
            var order = NameOf(_labels[place - 1]).SequenceCompareTo(name);
            if (order == 0)
            {
                _status = SeriesKeyStatus.LabelTwice;
                return;
            }

            if (order < 0) break;
            _labels[place] = _labels[place - 1];
            place--;
        }

        _labels[place] = label;
        _count++;
    }

    /// <summary>For cold code: the same from strings.</summary>
    public void Begin(string name) => Begin(Encoding.UTF8.GetBytes(name));

    /// <summary>For cold code: the same from strings.</summary>
    public void AddLabel(string name, string value) => AddLabel(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));

    /// <summary>The key, valid until the next call; empty where the status is not Ok.</summary>
    public SeriesKeyStatus Finish(out ReadOnlySpan<byte> key)
    {
        key = default;
        if (_status != SeriesKeyStatus.Ok) return _status;
        if (_key.Length < _rawLength + 2 + (3 * _count)) _key = new byte[_raw.Length + 2 + (3 * ProtocolLimits.MaxLabels)];
        _key[0] = (byte)_nameLength;
        _raw.AsSpan(0, _nameLength).CopyTo(_key.AsSpan(1));
        var next = 2 + _nameLength;
        var kept = 0;
        foreach (ref readonly var label in _labels.AsSpan(0, _count))
        {
            if (label.ValueLength == 0) continue;
            kept++;
            _key[next++] = (byte)label.NameLength;
            NameOf(label).CopyTo(_key.AsSpan(next));
            next += label.NameLength;
            BinaryPrimitives.WriteUInt16LittleEndian(_key.AsSpan(next), (ushort)label.ValueLength);
            next += 2;
            _raw.AsSpan(label.At + label.NameLength, label.ValueLength).CopyTo(_key.AsSpan(next));
            next += label.ValueLength;
        }

        _key[1 + _nameLength] = (byte)kept;
        key = _key.AsSpan(0, next);
        return SeriesKeyStatus.Ok;
    }

    private SeriesKeyStatus Check(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (_count == ProtocolLimits.MaxLabels) return SeriesKeyStatus.TooManyLabels;
        if (name.IsEmpty) return SeriesKeyStatus.LabelNameEmpty;
        if (name.Length > ProtocolLimits.MaxLabelNameBytes) return SeriesKeyStatus.LabelNameTooLong;
        if (value.Length > ProtocolLimits.MaxLabelValueBytes) return SeriesKeyStatus.LabelValueTooLong;
        if (!Utf8.IsValid(name)) return SeriesKeyStatus.LabelNameNotUtf8;
        return Utf8.IsValid(value) ? SeriesKeyStatus.Ok : SeriesKeyStatus.LabelValueNotUtf8;
    }

    private ReadOnlySpan<byte> NameOf(in Label label) => _raw.AsSpan(label.At, label.NameLength);

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _raw.Length - _rawLength) Array.Resize(ref _raw, Math.Max(_raw.Length * 2, _rawLength + bytes.Length));
        bytes.CopyTo(_raw.AsSpan(_rawLength));
        _rawLength += bytes.Length;
    }

    private struct Label
    {
        public int At;
        public int NameLength;
        public int ValueLength;
    }
}
