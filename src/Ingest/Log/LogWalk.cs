using System.Globalization;
using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Log;

/// <summary>
/// Goes through all segments and past what is broken: after a record whose header is right at the next one; after anything else at the next Commit record, which
/// carries a number that no peer knows, so that no bytes that a peer sent can pass for a record.
/// </summary>
internal sealed class LogWalk(ILogStorage storage, ILogVisitor visitor) : IDisposable
{
    private readonly SegmentScanner _scanner = new();
    private readonly SchemaTable _schemas = new((number, series) => new Schema(number, series, 1));
    private readonly Record _record = new(0);
    private long _expected;
    private long _start;

    public void Run()
    {
        var segments = SegmentName.List(storage);
        for (var i = 0; i < segments.Count; i++)
        {
            if (i > 0 && segments[i] != _expected) Report(SegmentName.Of(_expected), 0, _expected, segments[i] - 1, "the segment is missing");
            Walk(segments[i], i + 1 < segments.Count ? segments[i + 1] : null);
        }
    }

    public void Dispose() => _scanner.Dispose();

    private void Walk(long first, long? next)
    {
        var name = SegmentName.Of(first);
        _expected = _start = first;
        visitor.OnSegment(name, first);
        _schemas.StartSegment();
        if (!_scanner.TryOpen(storage.Open(name, writable: false), first))
        {
            Report(name, 0, 0, 0, $"the file {_scanner.Error}");
            _scanner.AssumeHeader(first);
        }

        var endIsKnown = _scanner.Header.End > 0 || (next is { } follower && TakeEnd(first, follower));
        while (_scanner.Next(_expected) is var step)
        {
            if (step == ScanStep.Record) Take();
            else if (step == ScanStep.End || !GoPast(endIsKnown, next)) break;
        }

        var end = _scanner.Offset;
        if (_expected == first && _scanner.Header.NextLsn == 0 && next is null) Report(name, end, first, first, "nothing can be read from here on: this record is lost, and whatever followed it");
        SkipToNext(name, end);
        visitor.OnSegmentEnd(end, _expected);
    }

    private void SkipToNext(string name, long end)
    {
        var next = _scanner.Header.NextLsn;
        if (next <= _expected) return;
        visitor.OnFinding(new LogFinding(name, end, _expected, next - 1, "lost, as an earlier repair has recorded", IsDamage: false));
        _expected = next;
    }

    private bool TakeEnd(long first, long next)
    {
        using var follower = new SegmentScanner();
        if (!follower.TryOpen(storage.Open(SegmentName.Of(next), writable: false), next) || follower.Header.PreviousFirstLsn != first) return false;
        if (_scanner.TrySetEnd(follower.Header.PreviousEnd)) return true;
        Report(_scanner.Name, 0, 0, 0, $"the file {_scanner.Error}");
        return false;
    }

    private void Take()
    {
        var bytes = _scanner.Bytes;
        switch (_scanner.Kind)
        {
            case RecordKind.Schema when LogRecord.TryReadSchema(bytes, out var number, out var series):
                _schemas.Declare(number, series);
                break;
            case RecordKind.Agents:
                for (var i = 0; i < LogRecord.AgentCount(bytes); i++)
                {
                    var (agent, seq) = LogRecord.AgentAt(bytes, i);
                    visitor.OnAgent(agent, seq);
                }

                break;
            case RecordKind.Samples:
                if (_schemas.SchemasOf(bytes, out var error) is { } schemas)
                {
                    _record.Load(bytes, schemas);
                    visitor.OnRecord(_record);
                }
                else
                {
                    Report(_scanner.Name, _scanner.Offset, _expected, _expected, error);
                }

                _expected++;
                break;
        }
    }

    /// <summary>False: nothing follows in this segment.</summary>
    private bool GoPast(bool endIsKnown, long? next)
    {
        var (name, offset, error, lost) = (_scanner.Name, _scanner.Offset, _scanner.Error, _expected);
        if (_scanner.HeaderIsRight && (endIsKnown || HasLaterCommit()))
        {
            // A schema or a list of agents carries the LSN of the record after it: that one is not lost with it, unless it needs it.
            var isSamples = _scanner.Kind == RecordKind.Samples;
            if (isSamples) _expected++;
            Report(name, offset, isSamples ? lost : 0, isSamples ? lost : 0, error);
            return true;
        }

        var torn = _scanner.LooksTorn(_expected);
        var tail = _scanner.ScanTail(offset, _expected);
        if (tail.CommitAt >= 0)
        {
            Report(name, offset, lost, tail.CommitLsn - 1, error);
            _expected = tail.CommitLsn;
            _scanner.Seek(tail.CommitAt);
            return true;
        }

        if (endIsKnown)
        {
            _expected = _scanner.Header.NextLsn > 0 ? _scanner.Header.NextLsn : next ?? _expected + 1;
            Report(name, offset, lost, _expected - 1, error);
        }
        else if (torn || tail.WholeRecords > 0)
        {
            var what = string.Create(CultureInfo.InvariantCulture, $"an unfinished commit ({error}; {tail.WholeRecords} whole records behind it): never acked, cut off at the next start");
            visitor.OnFinding(new LogFinding(name, offset, lost, lost + tail.WholeRecords, what, IsDamage: false));
        }

        return false;
    }

    private bool HasLaterCommit()
    {
        var found = _scanner.ScanTail(_scanner.NextOffset, _expected).CommitAt >= 0;

        // Back to the broken record, which the search has pushed out of the buffer.
        _scanner.Refresh();
        _scanner.Next(_expected);
        return found;
    }

    private void Report(string file, long offset, long firstLsn, long lastLsn, string what) => visitor.OnFinding(new LogFinding(file, offset, firstLsn, lastLsn, what, IsDamage: true));
}
