using System.Buffers.Binary;
using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Log;

/// <summary>Reads one segment from front to back, checking each record. Memory: one buffer, as large as the largest record. Thread: its owner.</summary>
internal sealed class SegmentScanner : IDisposable
{
    private const int ChunkBytes = 2 << 20;

    private byte[] _buffer = [];
    private ILogFile? _file;
    private long _bufferAt;
    private int _buffered;
    private long _next;
    private bool _endIsSet;

    public string Name => _file?.Name ?? "";

    public SegmentHeader Header { get; private set; }

    /// <summary>Where the segment ends, when that is known; else the length of the file.</summary>
    public long Limit { get; private set; }

    /// <summary>Where the current record (or what is broken) starts.</summary>
    public long Offset { get; private set; }

    /// <summary>The current record, when <see cref="Next"/> said so. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan((int)(Offset - _bufferAt), (int)(_next - Offset));

    public RecordKind Kind => (RecordKind)BinaryPrimitives.ReadUInt16LittleEndian(Bytes[RecordLayout.KindAt..]);

    /// <summary>Where the last Commit record lies (the header, when there is none): what is before it was on disk for sure.</summary>
    public long LastCommitAt { get; private set; }

    /// <summary>What is broken.</summary>
    public string Error { get; private set; } = "";

    /// <summary>What is broken is the body alone: the next record follows it at <see cref="NextOffset"/>.</summary>
    public bool HeaderIsRight { get; private set; }

    public long NextOffset => _next;

    public long BytesRead { get; private set; }

    /// <summary>Starts on a segment. False: the header is not right, <see cref="Error"/> says why. Owns the file.</summary>
    public bool TryOpen(ILogFile file, long firstLsn)
    {
        _file?.Dispose();
        _file = file;
        _buffered = 0;
        _endIsSet = false;
        Limit = file.Length;
        if (_buffer.Length < ChunkBytes) _buffer = new byte[Math.Clamp(Limit, SegmentHeader.Bytes, ChunkBytes)];
        (Offset, LastCommitAt, _next) = (0, 0, SegmentHeader.Bytes);
        Fill(0, SegmentHeader.Bytes);
        if (!SegmentHeader.TryRead(_buffer.AsSpan(0, _buffered), out var header, out var error)) return Fail(error);
        if (header.FirstLsn != firstLsn) return Fail($"holds records from LSN {header.FirstLsn}, not what its name says");
        Header = header;
        return header.End == 0 || TrySetEnd(header.End);
    }

    /// <summary>
    /// The header cannot be read: goes on as if it said what the name says. The nonce is that of the first Commit record in an unbroken chain of records from the start.
    /// </summary>
    public void AssumeHeader(long firstLsn) => (Header, _next) = (new SegmentHeader(firstLsn, 0, 0, 0), SegmentHeader.Bytes);

    /// <summary>Where the next segment says that this one ends. False: behind the end of the file.</summary>
    public bool TrySetEnd(long end)
    {
        if (end > Limit || end < SegmentHeader.Bytes) return Fail($"should end at byte {end}, but has {Limit}");
        Limit = end;
        _endIsSet = true;
        return true;
    }

    /// <summary>Goes on to the next record, which must carry <paramref name="lsn"/>. Thread: its owner. Allocates: for a record larger than any before. Fails: returns Broken.</summary>
    public ScanStep Next(long lsn)
    {
        Offset = _next;
        HeaderIsRight = false;
        if (Offset == Limit) return ScanStep.End;
        if (!Fill(Offset, RecordLayout.HeaderBytes)) return Broken("a record's header is cut short");
        var header = _buffer.AsSpan((int)(Offset - _bufferAt), RecordLayout.HeaderBytes);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != Crc32C.Of(header[RecordLayout.LengthAt..])) return Broken("the checksum of a record's header is wrong");
        var found = BinaryPrimitives.ReadInt64LittleEndian(header[RecordLayout.LsnAt..]);
        if (found != lsn) return Broken($"there is a record of LSN {found}");
        var length = BinaryPrimitives.ReadInt32LittleEndian(header[RecordLayout.LengthAt..]);
        var kind = BinaryPrimitives.ReadUInt16LittleEndian(header[RecordLayout.KindAt..]);
        if (kind is 0 or > LogRecord.LastKind) return Broken($"the record is of kind {kind}, which this program does not know: use the release that wrote it");
        if (length < RecordLayout.HeaderBytes || length > Limit - Offset || !Fill(Offset, length)) return Broken("the record is cut short");
        HeaderIsRight = true;
        _next = Offset + length;
        if (BinaryPrimitives.ReadUInt32LittleEndian(Bytes[RecordLayout.BodyCrcAt..]) != Crc32C.Of(Bytes[RecordLayout.HeaderBytes..])) return Broken("the checksum of a record is wrong");
        if (Kind == RecordKind.Commit)
        {
            var nonce = BinaryPrimitives.ReadUInt64LittleEndian(Bytes[RecordLayout.BatchSeqAt..]);
            if (Header.Nonce == 0) Header = Header with { Nonce = nonce };
            if (nonce != Header.Nonce) return Broken("a commit belongs to another segment");
            LastCommitAt = Offset;
        }

        return ScanStep.Record;
    }

    /// <summary>Goes on at another place, where a record starts.</summary>
    public void Seek(long offset) => _next = offset;

    /// <summary>Forgets what was read ahead, as somebody may have written there since, and steps back to what was broken.</summary>
    public void Refresh()
    {
        _buffered = 0;
        _next = Offset;
        if (!_endIsSet) Limit = _file!.Length;
    }

    /// <summary>
    /// Looks at everything from <paramref name="from"/> on for records after <paramref name="lsn"/>. Whole ones are counted; a Commit record of this segment
    /// proves that what is broken was on disk: its place and LSN are returned. Random bytes pass the checks with a chance of 2^-32 at most.
    /// </summary>
    public TailScan ScanTail(long from, long lsn)
    {
        const int lsnsAhead = 1 << 24; // More records than a segment has.
        var wholeRecords = 0;
        for (var at = from; at + RecordLayout.HeaderBytes <= Limit; at += 8)
        {
            if ((at < _bufferAt || at + RecordLayout.HeaderBytes > _bufferAt + _buffered) && !Fill(at, RecordLayout.HeaderBytes)) break;
            var header = _buffer.AsSpan((int)(at - _bufferAt), RecordLayout.HeaderBytes);
            var found = BinaryPrimitives.ReadInt64LittleEndian(header[RecordLayout.LsnAt..]);
            if (found < lsn || found - lsn > lsnsAhead) continue;
            if (BinaryPrimitives.ReadUInt32LittleEndian(header) != Crc32C.Of(header[RecordLayout.LengthAt..])) continue;
            var kind = (RecordKind)BinaryPrimitives.ReadUInt16LittleEndian(header[RecordLayout.KindAt..]);
            if (kind == RecordKind.Samples && found > lsn) wholeRecords++;
            if (kind == RecordKind.Commit && Header.Nonce != 0 && BinaryPrimitives.ReadUInt64LittleEndian(header[RecordLayout.BatchSeqAt..]) == Header.Nonce)
            {
                return new TailScan(wholeRecords, at, found);
            }
        }

        return new TailScan(wholeRecords, -1, 0);
    }

    /// <summary>The bytes at the current offset look like a record of this LSN that was not finished, rather than like nothing.</summary>
    public bool LooksTorn(long lsn) =>
        Fill(Offset, RecordLayout.HeaderBytes)
        && BinaryPrimitives.ReadInt64LittleEndian(_buffer.AsSpan((int)(Offset - _bufferAt) + RecordLayout.LsnAt)) == lsn;

    /// <summary>Writes what is between the last commit and <paramref name="end"/> again, and flushes it; see <see cref="SegmentTail"/>.</summary>
    public void Settle(long end)
    {
        if (LastCommitAt > 0) SegmentTail.Rewrite(_file!, LastCommitAt, end);
    }

    public void Dispose() => _file?.Dispose();

    /// <summary>Has <paramref name="count"/> bytes from <paramref name="offset"/> on in the buffer; false when the segment ends before.</summary>
    private bool Fill(long offset, int count)
    {
        if (offset >= _bufferAt && offset + count <= _bufferAt + _buffered) return true;
        if (offset + count > Limit) return false;
        if (count > _buffer.Length) _buffer = new byte[Math.Max(count, Math.Min(Array.MaxLength, _buffer.Length * 2L))];
        _bufferAt = offset;
        _buffered = _file!.Read(_buffer.AsSpan(0, (int)Math.Min(_buffer.Length, Limit - offset)), offset);
        BytesRead += _buffered;
        return _buffered >= count;
    }

    private ScanStep Broken(string error)
    {
        Error = error;
        return ScanStep.Broken;
    }

    private bool Fail(string error)
    {
        Error = error;
        return false;
    }
}
