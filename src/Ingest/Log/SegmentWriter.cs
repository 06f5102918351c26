using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Log;

/// <summary>The segment under way: gathers small records in a buffer, writes large ones from where they are. Owned by: the commit thread.</summary>
internal sealed class SegmentWriter : IDisposable
{
    /// <summary>Above this a record is written from its own memory: a copy of 64 KiB costs more than a system call.</summary>
    private const int CopyBytesMax = 64 << 10;

    private readonly ILogFile _file;
    private readonly byte[] _buffer;
    private long _bufferAt;
    private int _buffered;

    /// <param name="file">A file that may hold bytes of an earlier life, all with lower LSNs.</param>
    /// <param name="serial">Never the same for two writers of a run: tells schemas whether they are in this segment.</param>
    /// <param name="buffer">Lent by the log.</param>
    public SegmentWriter(ILogFile file, SegmentHeader header, long serial, byte[] buffer)
    {
        (_file, Header, Serial, _buffer) = (file, header, serial, buffer);
        header.Write(Reserve(SegmentHeader.Bytes));
    }

    public SegmentHeader Header { get; }

    public long Serial { get; }

    public string FileName => _file.Name;

    public long FileBytes => _file.Length;

    /// <summary>Where the next byte goes.</summary>
    public long Position => _bufferAt + _buffered;

    /// <summary>Everything before this is on disk.</summary>
    public long DurableEnd { get; private set; }

    /// <summary>The file has its name as a segment, durably.</summary>
    public bool Published { get; set; }

    /// <summary>Bytes that the record takes here, with the schemas that it needs and this segment lacks.</summary>
    public long Needs(Record record)
    {
        long bytes = record.LengthBytes;
        var schemas = record.Schemas;
        for (var i = 0; i < schemas.Count; i++)
        {
            if (schemas[i].LoggedInSegment != Serial) bytes += LogRecord.SchemaBytes(schemas[i].ColumnCount);
        }

        return bytes;
    }

    public void PutCommit(long nextLsn) => LogRecord.WriteCommit(Reserve(LogRecord.CommitBytes), nextLsn, Header.Nonce);

    public void PutAgents(long nextLsn, List<(int Number, long Seq)> agents)
    {
        var bytes = LogRecord.AgentsBytes(agents.Count);
        if (bytes <= _buffer.Length)
        {
            LogRecord.WriteAgents(Reserve(bytes), nextLsn, agents);
            return;
        }

        var large = new byte[bytes];
        LogRecord.WriteAgents(large, nextLsn, agents);
        PutLarge(large);
    }

    /// <summary>Thread: commit. Allocates: only for a schema larger than the buffer. Blocks: the disk. Fails: throws <see cref="LogIoException"/>.</summary>
    public void Put(Record record)
    {
        var schemas = record.Schemas;
        for (var i = 0; i < schemas.Count; i++)
        {
            if (schemas[i].LoggedInSegment != Serial) PutSchema(schemas[i], record.Lsn);
        }

        var bytes = record.Bytes;
        if (bytes.Length > CopyBytesMax) PutLarge(bytes);
        else bytes.CopyTo(Reserve(bytes.Length));
    }

    public void Sync()
    {
        Flush();
        _file.Sync();
        DurableEnd = Position;
    }

    /// <summary>Repair: writes into the header that the segment ends here, and which LSN follows; makes it durable.</summary>
    public void Finish(long nextLsn)
    {
        Span<byte> header = stackalloc byte[SegmentHeader.Bytes];
        Flush();
        (Header with { End = Position, NextLsn = nextLsn }).Write(header);
        _file.Write(header, 0);
        Sync();
    }

    public void Dispose() => _file.Dispose();

    private void PutSchema(Schema schema, long nextLsn)
    {
        var bytes = LogRecord.SchemaBytes(schema.ColumnCount);
        if (bytes <= _buffer.Length)
        {
            LogRecord.WriteSchema(Reserve(bytes), nextLsn, schema);
        }
        else
        {
            var large = new byte[bytes];
            LogRecord.WriteSchema(large, nextLsn, schema);
            PutLarge(large);
        }

        schema.LoggedInSegment = Serial;
    }

    private Span<byte> Reserve(int bytes)
    {
        if (_buffer.Length - _buffered < bytes) Flush();
        _buffered += bytes;
        return _buffer.AsSpan(_buffered - bytes, bytes);
    }

    private void PutLarge(ReadOnlySpan<byte> bytes)
    {
        Flush();
        _file.Write(bytes, _bufferAt);
        _bufferAt += bytes.Length;
    }

    private void Flush()
    {
        if (_buffered == 0) return;
        _file.Write(_buffer.AsSpan(0, _buffered), _bufferAt);
        _bufferAt += _buffered;
        _buffered = 0;
    }
}
