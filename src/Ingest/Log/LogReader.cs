using System.Buffers.Binary;
using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Log;

/// <summary>
/// Reads the log from any position on, while it is written: for engines that keep a position of their own, for tools, for tests.
/// Sees durable records alone. Whoever reads keeps the log from being released past its position; a reader that is left behind gets an error that says so.
/// Thread: its owner's.
/// </summary>
public sealed class LogReader : IDisposable
{
    private readonly ILogStorage _storage;
    private readonly Func<long> _durableLsn;
    private readonly SchemaTable _schemas;
    private readonly SegmentScanner _scanner = new();
    private bool _isOpen;
    private long _expected;

    /// <param name="afterLsn">The reader's position: the first record read is the next one.</param>
    /// <param name="durableLsn">How far the log is durable now. A log that nobody writes: long.MaxValue, then the end is where the records end.</param>
    /// <param name="shardCount">Over how many shards the schemas of the records are split.</param>
    public LogReader(ILogStorage storage, long afterLsn, Func<long> durableLsn, int shardCount = 1)
    {
        (_storage, Position, _durableLsn) = (storage, afterLsn, durableLsn);
        _schemas = new SchemaTable((number, series) => new Schema(number, series, shardCount));
    }

    /// <summary>The LSN of the last record read.</summary>
    public long Position { get; private set; }

    /// <summary>
    /// Reads the next record into <paramref name="record"/>. False: there is none yet. Throws <see cref="LogException"/> when the position is no longer in the log,
    /// or the log is damaged. Allocates: only for new schemas and larger records. Blocks: the disk.
    /// </summary>
    public bool TryRead(Record record)
    {
        try
        {
            var durable = _durableLsn();
            if (Position >= durable || !_isOpen && !OpenAt(Position + 1, durable)) return false;
            while (_expected <= durable)
            {
                if (_scanner.Next(_expected) == ScanStep.Record || TryAgain())
                {
                    if (Take(record)) return true;
                }
                else if (!MoveOn(durable))
                {
                    return false;
                }
            }

            return false;
        }
        catch (LogIoException e) when (e.Errno == LogIoException.NotFound)
        {
            throw LogErrors.Released(_storage, Position + 1, SegmentName.List(_storage).FirstOrDefault());
        }
        catch (LogIoException e)
        {
            throw LogErrors.Refused(e, "The log cannot be read");
        }
    }

    public void Dispose() => _scanner.Dispose();

    /// <summary>True when the current record is one of samples that has not been read: it is loaded.</summary>
    private bool Take(Record record)
    {
        var bytes = _scanner.Bytes;
        if (_scanner.Kind == RecordKind.Schema)
        {
            if (!LogRecord.TryReadSchema(bytes, out var number, out var series)) throw Damaged("a schema does not add up");
            _schemas.Declare(number, series);
        }

        if (_scanner.Kind != RecordKind.Samples) return false;
        _expected++;
        if (_expected - 1 <= Position) return false;
        if (_schemas.SchemasOf(bytes, out var error) is not { } schemas) throw Damaged(error);
        record.Load(bytes, schemas);
        Position = BinaryPrimitives.ReadInt64LittleEndian(bytes[RecordLayout.LsnAt..]);
        return true;
    }

    /// <summary>What was read ahead may be older than what is there now.</summary>
    private bool TryAgain()
    {
        _scanner.Refresh();
        return _scanner.Next(_expected) == ScanStep.Record;
    }

    /// <summary>The segment ends here: on to the next. False: nobody writes the log, and this is its end.</summary>
    private bool MoveOn(long durable)
    {
        if (_scanner.Header.NextLsn > 0 && _scanner.Offset == _scanner.Limit) _expected = _scanner.Header.NextLsn;
        var segments = SegmentName.List(_storage);

        // Not always the segment that starts here: after a failed flush the next one repeats what this one perhaps holds.
        var at = segments.FindLastIndex(first => first <= _expected);
        if (at >= 0 && segments[at] > _scanner.Header.FirstLsn) return Open(segments, at);
        if (segments.Count > 0 && segments[0] > _expected) throw LogErrors.Released(_storage, _expected, segments[0]);
        if (durable == long.MaxValue && (segments.Count == 0 || segments[^1] < _expected)) return false;
        throw Damaged(_scanner.Error);
    }

    private bool OpenAt(long lsn, long durable)
    {
        var segments = SegmentName.List(_storage);
        if (segments.Count == 0 && durable == long.MaxValue) return false;
        var at = segments.FindLastIndex(first => first <= lsn);
        if (at < 0) throw LogErrors.Released(_storage, lsn, segments.FirstOrDefault());
        return Open(segments, at);
    }

    private bool Open(List<long> segments, int index)
    {
        var first = segments[index];
        if (!_scanner.TryOpen(_storage.Open(SegmentName.Of(first), writable: false), first)) throw LogErrors.BadHeader(_storage, SegmentName.Of(first), _scanner.Error);
        if (_scanner.Header.End == 0 && index + 1 < segments.Count) TakeEndFrom(first, segments[index + 1]);
        _schemas.StartSegment();
        _expected = first;
        _isOpen = true;
        return true;
    }

    private void TakeEndFrom(long first, long next)
    {
        using var follower = new SegmentScanner();
        if (!follower.TryOpen(_storage.Open(SegmentName.Of(next), writable: false), next)) throw LogErrors.BadHeader(_storage, SegmentName.Of(next), follower.Error);
        if (follower.Header.PreviousFirstLsn == first && !_scanner.TrySetEnd(follower.Header.PreviousEnd)) throw LogErrors.BadHeader(_storage, SegmentName.Of(first), _scanner.Error);
    }

    private LogException Damaged(string what) => LogErrors.Damaged(_storage, _scanner.Name, _scanner.Offset, _expected, what);
}
