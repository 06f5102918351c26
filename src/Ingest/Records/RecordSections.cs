using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace DataLayer.Ingest.Records;

/// <summary>
/// Walks the sections of a record of kind Samples whose checksums have been verified. Spans are valid as long as the record's bytes.
/// Thread: any, one walker each. Allocates: no. Fails: throws <see cref="InvalidDataException"/> when lengths do not add up (our fault: checksums were right).
/// </summary>
public ref struct RecordSections
{
    private readonly ReadOnlySpan<byte> _bytes;
    private int _next;

    public RecordSections(ReadOnlySpan<byte> record)
    {
        _bytes = record;
        _next = RecordLayout.HeaderBytes;
    }

    public SectionKind Kind { get; private set; }

    /// <summary>Rows: the schema's number in the log.</summary>
    public uint SchemaNumber { get; private set; }

    /// <summary>Rows: instants. Samples: samples. Events: events.</summary>
    public int Count { get; private set; }

    /// <summary>Rows: series per instant. Events: bytes.</summary>
    public int Columns { get; private set; }

    /// <summary>Rows: Count instants of Columns + 1 words each: the time (as Int64 bits), then the values.</summary>
    public ReadOnlySpan<double> Rows { get; private set; }

    public ReadOnlySpan<long> Times { get; private set; }

    public ReadOnlySpan<double> Values { get; private set; }

    public ReadOnlySpan<int> Series { get; private set; }

    /// <summary>Samples: quality per sample; empty when all are 1.</summary>
    public ReadOnlySpan<float> Qualities { get; private set; }

    /// <summary>Events: their bytes, for <see cref="RecordEvents"/>.</summary>
    public ReadOnlySpan<byte> Events { get; private set; }

    public bool MoveNext()
    {
        if (_next == _bytes.Length) return false;
        if (_bytes.Length - _next < RecordLayout.SectionHeaderBytes) throw Broken();
        var header = _bytes.Slice(_next, RecordLayout.SectionHeaderBytes);
        _next += RecordLayout.SectionHeaderBytes;
        Kind = (SectionKind)BinaryPrimitives.ReadUInt16LittleEndian(header);
        SchemaNumber = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
        Count = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        Columns = BinaryPrimitives.ReadInt32LittleEndian(header[12..]);
        if (Count < 0 || Columns < 0) throw Broken();
        if (Kind == SectionKind.Rows)
        {
            Rows = Take<double>(Count * (Columns + 1L));
            return true;
        }

        if (Kind == SectionKind.Events)
        {
            Events = Take<byte>(Columns);
            return true;
        }

        if (Kind != SectionKind.Samples) throw Broken();
        Times = Take<long>(Count);
        Values = Take<double>(Count);
        Series = Take<int>(Count);
        Qualities = (header[2] & 1) != 0 ? Take<float>(Count) : default;
        return true;
    }

    private ReadOnlySpan<T> Take<T>(long count)
        where T : unmanaged
    {
        if (count > (_bytes.Length - _next) / Marshal.SizeOf<T>()) throw Broken(); // Divided: a product of two counts may be beyond 64 bits.
        var bytes = (int)count * Marshal.SizeOf<T>();
        var span = MemoryMarshal.Cast<byte, T>(_bytes.Slice(_next, bytes));
        _next += RecordLayout.Align(bytes);
        if (_next > _bytes.Length) throw Broken();
        return span;
    }

    private static InvalidDataException Broken() => new("The sections of a record do not add up to its length.");
}
