using System.Buffers.Binary;

namespace DataLayer.Ingest.Records;

/// <summary>
/// Walks the events of a section of kind Events (see <see cref="RecordLayout"/>). Spans are valid as long as the section's bytes.
/// Thread: any, one walker each. Allocates: no. Fails: throws <see cref="InvalidDataException"/> when lengths do not add up (our fault: checksums were right).
/// </summary>
public ref struct RecordEvents
{
    private readonly ReadOnlySpan<byte> _bytes;
    private int _next;

    public RecordEvents(ReadOnlySpan<byte> section) => _bytes = section;

    /// <summary>Unix microseconds.</summary>
    public long TimeMicros { get; private set; }

    public ReadOnlySpan<byte> Id { get; private set; }

    public ReadOnlySpan<byte> Type { get; private set; }

    public ReadOnlySpan<byte> Source { get; private set; }

    /// <summary>Where the document begins in the section: for who keeps the section, and needs no copy.</summary>
    public int DocumentAt { get; private set; }

    /// <summary>A MessagePack map, as it came.</summary>
    public ReadOnlySpan<byte> Document { get; private set; }

    public bool MoveNext()
    {
        if (_next == _bytes.Length) return false;
        if (_bytes.Length - _next < RecordLayout.EventHeaderBytes) throw Broken();
        var header = _bytes.Slice(_next, RecordLayout.EventHeaderBytes);
        var (id, type, source) = (BinaryPrimitives.ReadUInt16LittleEndian(header[8..]), BinaryPrimitives.ReadUInt16LittleEndian(header[10..]), BinaryPrimitives.ReadUInt16LittleEndian(header[12..]));
        var document = BinaryPrimitives.ReadUInt32LittleEndian(header[16..]);
        var texts = id + type + source;
        if (texts + (long)document > _bytes.Length - _next - RecordLayout.EventHeaderBytes) throw Broken();
        TimeMicros = BinaryPrimitives.ReadInt64LittleEndian(header);
        var body = _bytes.Slice(_next + RecordLayout.EventHeaderBytes, texts + (int)document);
        Id = body[..id];
        Type = body.Slice(id, type);
        Source = body.Slice(id + type, source);
        Document = body[texts..];
        DocumentAt = _next + RecordLayout.EventHeaderBytes + texts;
        var end = (long)_next + RecordLayout.EventHeaderBytes + body.Length;
        _next = (int)Math.Min(int.MaxValue, (end + 7) & ~7L);
        if (_next > _bytes.Length) throw Broken();
        return true;
    }

    private static InvalidDataException Broken() => new("The events of a record do not add up to its length.");
}
