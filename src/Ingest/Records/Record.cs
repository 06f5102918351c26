using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace DataLayer.Ingest.Records;

/// <summary>
/// A record under way: filled by one session, then read by the commit thread and every shard, then back to its pool.
/// Its bytes are those of the log (see <see cref="RecordLayout"/>), so nothing is copied between the socket's buffer and the disk but once.
/// </summary>
public sealed class Record
{
    /// <summary>Staged single samples become a section when there are this many: 20 bytes each keep the stage in the L2 cache.</summary>
    private const int StageCapacity = 4096;

    // Empty until the first single sample comes: rows and blocks, which most records hold, need no stage.
    private long[] _times = [];
    private double[] _values = [];
    private int[] _series = [];
    private readonly List<Schema> _schemas = [];
    private float[]? _qualities;
    private bool _hasQuality;
    private int _staged;
    private byte[] _buffer;
    private int _length = RecordLayout.HeaderBytes;
    private int _openRowsAt = -1;
    private int _openEventsAt = -1;

    public Record(int capacityBytes) => _buffer = new byte[Math.Max(capacityBytes, RecordLayout.HeaderBytes)];

    /// <summary>Bytes so far, header included, staged samples not.</summary>
    public int LengthBytes => _length;

    /// <summary>Bytes the buffer takes from memory.</summary>
    public int CapacityBytes => _buffer.Length;

    public int SampleCount { get; private set; }

    public int EventCount { get; private set; }

    public bool IsEmpty => SampleCount == 0 && EventCount == 0;

    public long Lsn { get; private set; }

    public int Agent { get; private set; }

    public long BatchSeq { get; private set; }

    /// <summary>Arrival of the record's first sample, Unix microseconds.</summary>
    public long ArrivalMicros { get; private set; }

    /// <summary>The schema of each rows section, in the order of the sections.</summary>
    public IReadOnlyList<Schema> Schemas => _schemas;

    /// <summary>Every shard seals its active generation before it applies this record.</summary>
    internal bool SealsBefore { get; set; }

    /// <summary>How many consumers have yet to finish with the record. Owned by: the ring's consumers, through Interlocked.</summary>
    internal int Pending;

    /// <summary>The whole record. Valid after <see cref="Complete"/>, until the record is returned to its pool.</summary>
    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    /// <summary>The same as <see cref="Bytes"/>, for scattered writes.</summary>
    public ReadOnlyMemory<byte> Memory => _buffer.AsMemory(0, _length);

    /// <summary>Adds one sample. Thread: the owner. Allocates: no (amortized). Blocks: no. Fails: never.</summary>
    public void AddSample(int series, long timeMicros, double value)
    {
        if (_staged == _times.Length || _openRowsAt >= 0) PrepareStageSlow();
        var at = _staged++;
        _times[at] = timeMicros;
        _values[at] = value;
        _series[at] = series;
        if (_hasQuality) _qualities![at] = 1f;
        SampleCount++;
    }

    /// <summary>Adds one sample with a quality in [0, 1].</summary>
    public void AddSample(int series, long timeMicros, double value, float quality)
    {
        AddSample(series, timeMicros, value);
        if (quality == 1f) return;
        if (!_hasQuality)
        {
            _qualities ??= new float[StageCapacity];
            Array.Fill(_qualities, 1f);
            _hasQuality = true;
        }

        _qualities![_staged - 1] = quality;
    }

    /// <summary>
    /// Adds one instant of a schema: <paramref name="values"/> is N little-endian doubles, as on the wire.
    /// <paramref name="samples"/>: how many of them are samples (not "no sample", not refused series), counted by the caller.
    /// Thread: the owner. Allocates: no (amortized). Blocks: no. Fails: never; the length was checked by the caller.
    /// </summary>
    public void AddRow(Schema schema, long timeMicros, ReadOnlySpan<byte> values, int samples)
    {
        if (_staged > 0) CloseSection();
        if (_openRowsAt < 0 || !ReferenceEquals(_schemas[^1], schema)) OpenRows(schema);
        Reserve(8 + values.Length);
        BinaryPrimitives.WriteInt64LittleEndian(_buffer.AsSpan(_length), timeMicros);
        values.CopyTo(_buffer.AsSpan(_length + 8));
        _length += 8 + values.Length;
        ref var count = ref MemoryMarshal.AsRef<uint>(_buffer.AsSpan(_openRowsAt + 8));
        count++;
        SampleCount += samples;
    }

    /// <summary>Adds one event; <paramref name="document"/> is a MessagePack map. Lengths were checked by the caller. Thread: the owner. Allocates: no (amortized). Blocks: no. Fails: never.</summary>
    public void AddEvent(long timeMicros, ReadOnlySpan<byte> id, ReadOnlySpan<byte> type, ReadOnlySpan<byte> source, ReadOnlySpan<byte> document)
    {
        var texts = id.Length + type.Length + source.Length;
        var bytes = RecordLayout.Align(RecordLayout.EventHeaderBytes + texts + document.Length);
        if (_openEventsAt < 0) OpenEvents();
        Reserve(bytes);
        var entry = _buffer.AsSpan(_length, bytes);
        entry.Clear();
        BinaryPrimitives.WriteInt64LittleEndian(entry, timeMicros);
        BinaryPrimitives.WriteUInt16LittleEndian(entry[8..], (ushort)id.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(entry[10..], (ushort)type.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(entry[12..], (ushort)source.Length);
        BinaryPrimitives.WriteInt32LittleEndian(entry[16..], document.Length);
        id.CopyTo(entry[RecordLayout.EventHeaderBytes..]);
        type.CopyTo(entry[(RecordLayout.EventHeaderBytes + id.Length)..]);
        source.CopyTo(entry[(RecordLayout.EventHeaderBytes + id.Length + type.Length)..]);
        document.CopyTo(entry[(RecordLayout.EventHeaderBytes + texts)..]);
        _length += bytes;
        var header = _buffer.AsSpan(_openEventsAt, RecordLayout.SectionHeaderBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], BinaryPrimitives.ReadUInt32LittleEndian(header[8..]) + 1);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], BinaryPrimitives.ReadUInt32LittleEndian(header[12..]) + (uint)bytes);
        EventCount++;
    }

    private void PrepareStageSlow()
    {
        CloseSection();
        if (_times.Length > 0) return;
        (_times, _values, _series) = (new long[StageCapacity], new double[StageCapacity], new int[StageCapacity]);
    }

    /// <summary>Closes the last section and writes all of the header that does not depend on the place in the log.</summary>
    public void Complete(int agent, long batchSeq, long arrivalMicros)
    {
        CloseSection();
        Agent = agent;
        BatchSeq = batchSeq;
        ArrivalMicros = arrivalMicros;
        var header = _buffer.AsSpan(0, RecordLayout.HeaderBytes);
        header.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(header[RecordLayout.LengthAt..], _length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[RecordLayout.BodyCrcAt..], Crc32C.Of(_buffer.AsSpan(RecordLayout.HeaderBytes, _length - RecordLayout.HeaderBytes)));
        BinaryPrimitives.WriteUInt16LittleEndian(header[RecordLayout.KindAt..], (ushort)RecordKind.Samples);
        if (EventCount > 0) BinaryPrimitives.WriteUInt16LittleEndian(header[RecordLayout.FlagsAt..], RecordLayout.HasEvents);
        BinaryPrimitives.WriteInt32LittleEndian(header[RecordLayout.AgentAt..], agent);
        BinaryPrimitives.WriteInt32LittleEndian(header[RecordLayout.SamplesAt..], SampleCount);
        BinaryPrimitives.WriteInt64LittleEndian(header[RecordLayout.BatchSeqAt..], batchSeq);
        BinaryPrimitives.WriteInt64LittleEndian(header[RecordLayout.ArrivalAt..], arrivalMicros);
    }

    /// <summary>Fixes the record's place in the log; after this its bytes do not change.</summary>
    internal void Seal(long lsn)
    {
        Lsn = lsn;
        var header = _buffer.AsSpan(0, RecordLayout.HeaderBytes);
        BinaryPrimitives.WriteInt64LittleEndian(header[RecordLayout.LsnAt..], lsn);
        BinaryPrimitives.WriteUInt32LittleEndian(header, Crc32C.Of(header[RecordLayout.LengthAt..]));
    }

    /// <summary>Empties the record for its next use.</summary>
    public void Clear()
    {
        _length = RecordLayout.HeaderBytes;
        _openRowsAt = -1;
        _openEventsAt = -1;
        _staged = 0;
        _hasQuality = false;
        _schemas.Clear();
        SampleCount = 0;
        EventCount = 0;
        SealsBefore = false;
        (Lsn, Agent, BatchSeq, ArrivalMicros) = (0, 0, 0, 0);
    }

    /// <summary>Takes over a record that was read from the log. <paramref name="schemas"/>: one per rows section, in order.</summary>
    internal void Load(ReadOnlySpan<byte> bytes, IEnumerable<Schema> schemas)
    {
        Clear();
        if (_buffer.Length < bytes.Length) _buffer = new byte[bytes.Length];
        bytes.CopyTo(_buffer);
        _length = bytes.Length;
        _schemas.AddRange(schemas);
        Lsn = BinaryPrimitives.ReadInt64LittleEndian(bytes[RecordLayout.LsnAt..]);
        Agent = BinaryPrimitives.ReadInt32LittleEndian(bytes[RecordLayout.AgentAt..]);
        BatchSeq = BinaryPrimitives.ReadInt64LittleEndian(bytes[RecordLayout.BatchSeqAt..]);
        SampleCount = BinaryPrimitives.ReadInt32LittleEndian(bytes[RecordLayout.SamplesAt..]);
        ArrivalMicros = BinaryPrimitives.ReadInt64LittleEndian(bytes[RecordLayout.ArrivalAt..]);
        if ((BinaryPrimitives.ReadUInt16LittleEndian(bytes[RecordLayout.FlagsAt..]) & RecordLayout.HasEvents) != 0) EventCount = CountEvents(bytes);
    }

    private static int CountEvents(ReadOnlySpan<byte> bytes)
    {
        var events = 0;
        var sections = new RecordSections(bytes);
        while (sections.MoveNext())
        {
            if (sections.Kind == SectionKind.Events) events += sections.Count;
        }

        return events;
    }

    private void OpenRows(Schema schema)
    {
        CloseSection();
        Reserve(RecordLayout.SectionHeaderBytes);
        _openRowsAt = _length;
        WriteSectionHeader(SectionKind.Rows, 0, schema.Number, 0, (uint)schema.ColumnCount);
        _schemas.Add(schema);
    }

    // Samples that are staged stay so: events are no part of their order.
    private void OpenEvents()
    {
        _openRowsAt = -1;
        Reserve(RecordLayout.SectionHeaderBytes);
        _openEventsAt = _length;
        WriteSectionHeader(SectionKind.Events, 0, 0, 0, 0);
    }

    private void CloseSection()
    {
        _openRowsAt = -1;
        _openEventsAt = -1;
        if (_staged == 0) return;
        var seriesBytes = RecordLayout.Align(4 * _staged);
        Reserve(RecordLayout.SectionHeaderBytes + (16 * _staged) + (seriesBytes * 2));
        WriteSectionHeader(SectionKind.Samples, (ushort)(_hasQuality ? 1 : 0), 0, (uint)_staged, 0);
        Put(MemoryMarshal.AsBytes(_times.AsSpan(0, _staged)));
        Put(MemoryMarshal.AsBytes(_values.AsSpan(0, _staged)));
        Put(MemoryMarshal.AsBytes(_series.AsSpan(0, _staged)));
        if (_hasQuality) Put(MemoryMarshal.AsBytes(_qualities.AsSpan(0, _staged)));
        _staged = 0;
        _hasQuality = false;
    }

    private void Put(ReadOnlySpan<byte> column)
    {
        column.CopyTo(_buffer.AsSpan(_length));
        var padded = RecordLayout.Align(column.Length);
        _buffer.AsSpan(_length + column.Length, padded - column.Length).Clear();
        _length += padded;
    }

    private void WriteSectionHeader(SectionKind kind, ushort flags, uint schema, uint count, uint columns)
    {
        var header = _buffer.AsSpan(_length, RecordLayout.SectionHeaderBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(header, (ushort)kind);
        BinaryPrimitives.WriteUInt16LittleEndian(header[2..], flags);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], schema);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], count);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], columns);
        _length += RecordLayout.SectionHeaderBytes;
    }

    private void Reserve(int bytes)
    {
        if (_buffer.Length - _length < bytes) Array.Resize(ref _buffer, (int)Math.Min(Math.Max((long)_buffer.Length * 2, (long)_length + bytes), Array.MaxLength));
    }
}
