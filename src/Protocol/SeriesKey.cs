using System.Text.Unicode;

namespace DataLayer.Protocol;

/// <summary>
/// The canonical bytes of a series, by which it is known in the registry, in the log and to senders:
/// <c>u8 name length, name, u8 label count, labels sorted by the bytes of their names: { u8 name length, name, u16 LE value length, value }</c>.
/// Labels with an empty value are left out. Stored: never changed. Built by <see cref="SeriesKeyBuilder"/>, read by <see cref="SeriesKeyReader"/>.
/// </summary>
public static class SeriesKey
{
    /// <summary>The longest key: 1 + 255 + 1 + 64 × (1 + 255 + 2 + 4,096).</summary>
    public const int MaxBytes = 2 + ProtocolLimits.MaxNameBytes
        + (ProtocolLimits.MaxLabels * (3 + ProtocolLimits.MaxLabelNameBytes + ProtocolLimits.MaxLabelValueBytes));

    /// <summary>The key of a name and labels. For cold code. Throws <see cref="ArgumentException"/> with the fault in words.</summary>
    public static byte[] Of(string name, IEnumerable<KeyValuePair<string, string>>? labels = null)
    {
        var builder = new SeriesKeyBuilder();
        builder.Begin(name);
        foreach (var (label, value) in labels ?? []) builder.AddLabel(label, value);
        var status = builder.Finish(out var key);
        if (status != SeriesKeyStatus.Ok) throw new ArgumentException($"Not a series: {status.Describe()}.", nameof(name));
        return key.ToArray();
    }

    /// <summary>True where the bytes are a whole key as a builder would have made it, up to the validity of its UTF-8.</summary>
    public static bool IsWellFormed(ReadOnlySpan<byte> key)
    {
        var reader = new SeriesKeyReader(key);
        if (!reader.IsValid || reader.Name.IsEmpty || reader.LabelCount > ProtocolLimits.MaxLabels) return false;
        ReadOnlySpan<byte> before = default;
        while (reader.TryNext(out var name, out var value))
        {
            if (value.IsEmpty || before.SequenceCompareTo(name) >= 0) return false;
            before = name;
        }

        return reader.IsAtEnd;
    }

    /// <summary>Whether the bytes can be the name of a series: 1–255 bytes of UTF-8 without control characters (C0, DEL, C1).</summary>
    public static SeriesKeyStatus CheckName(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty) return SeriesKeyStatus.NameEmpty;
        if (name.Length > ProtocolLimits.MaxNameBytes) return SeriesKeyStatus.NameTooLong;
        if (name.ContainsAnyInRange((byte)0x00, (byte)0x1f) || name.Contains((byte)0x7f)) return SeriesKeyStatus.NameHasControlCharacter;
        if (!Utf8.IsValid(name)) return SeriesKeyStatus.NameNotUtf8;

        // U+0080 … U+009F are c2 80 … c2 9f in UTF-8; c2 is never a continuation byte.
        for (var rest = name; rest.IndexOf((byte)0xc2) is var at and >= 0; rest = rest[(at + 2)..])
        {
            if (rest[at + 1] <= 0x9f) return SeriesKeyStatus.NameHasControlCharacter;
        }

        return SeriesKeyStatus.Ok;
    }
}
