using System.Buffers.Binary;
using DataLayer.Ingest.Agents;
using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Log;

/// <summary>
/// Reads the log at the start: hands over the records that the lake does not hold, restores how far each agent's batches are, finds the end.
/// An unfinished commit at the very end is cut off: it was never acked. Anything else that is not right is refused, with a way out.
/// Memory: one record. Used once, by the thread that opens the daemon, which holds the lock of the folder.
/// </summary>
public sealed class LogRecovery : IDisposable
{
    private readonly ILogStorage _storage;
    private readonly AgentTable _agents;
    private readonly IReplayTarget _target;
    private readonly SchemaTable _schemas;
    private readonly SegmentScanner _scanner = new();
    private readonly long _afterLsn;
    private readonly int _seriesCount;
    private long _records;
    private long _samples;
    private long _expected;
    private long _newestEnd;
    private TornTail? _torn;

    private LogRecovery(ILogStorage storage, long afterLsn, int seriesCount, AgentTable agents, IReplayTarget target)
    {
        (_storage, _afterLsn, _seriesCount, _agents, _target) = (storage, afterLsn, seriesCount, agents, target);
        _schemas = new SchemaTable(target.CreateSchema);
    }

    /// <summary>
    /// Replays the records after <paramref name="afterLsn"/> (the lake's position). <paramref name="agents"/> have been restored from the definitions before, which
    /// name <paramref name="seriesCount"/> series: a record of any other means that the definitions are not those of this log, and the daemon would give data wrong names.
    /// Throws <see cref="LogException"/> when what was durable is damaged or missing.
    /// </summary>
    public static LogRecoveryResult Run(ILogStorage storage, long afterLsn, int seriesCount, AgentTable agents, IReplayTarget target)
    {
        using var recovery = new LogRecovery(storage, afterLsn, seriesCount, agents, target);
        try
        {
            return recovery.Run();
        }
        catch (LogIoException e)
        {
            throw LogErrors.Refused(e, "The log cannot be read");
        }
    }

    public void Dispose() => _scanner.Dispose();

    private LogRecoveryResult Run()
    {
        var segments = SegmentName.List(_storage);
        if (segments.Count == 0) return new LogRecoveryResult { LastLsn = _afterLsn, LsnsOnlyInLake = _afterLsn };
        var start = segments.FindLastIndex(first => first <= _afterLsn + 1);
        if (start < 0) throw LogErrors.Missing(_storage, _afterLsn + 1, segments[0] - 1);
        _expected = segments[start];
        for (var i = start; i < segments.Count; i++) ScanSegment(segments[i], i + 1 < segments.Count ? segments[i + 1] : null);
        return new LogRecoveryResult
        {
            LastLsn = Math.Max(_afterLsn, _expected - 1),
            LsnsOnlyInLake = Math.Max(0, _afterLsn - (_expected - 1)),
            Records = _records,
            Samples = _samples,
            BytesRead = _scanner.BytesRead,
            Torn = _torn,
            Segments = segments.ConvertAll(SizeOf),
            NewestFirstLsn = segments[^1],
            NewestEnd = _newestEnd,
        };
    }

    private SegmentInfo SizeOf(long firstLsn)
    {
        using var file = _storage.Open(SegmentName.Of(firstLsn), writable: false);
        return new SegmentInfo(firstLsn, file.Length, Recyclable: false);
    }

    private void ScanSegment(long first, long? nextFirst)
    {
        if (first != _expected) throw LogErrors.Missing(_storage, _expected, first - 1);
        var name = SegmentName.Of(first);
        if (!_scanner.TryOpen(_storage.Open(name, writable: nextFirst is null), first)) throw LogErrors.BadHeader(_storage, name, _scanner.Error);
        var endIsKnown = _scanner.Header.End > 0;
        if (nextFirst is { } next && !endIsKnown)
        {
            TakeEndFrom(first, next);
            endIsKnown = true;
        }

        _schemas.StartSegment();
        ScanStep step;
        while ((step = _scanner.Next(_expected)) == ScanStep.Record) Take();

        // A segment gets its name after its first commit is on disk: that one is never torn.
        if (_expected == first && _scanner.Header.NextLsn == 0) throw Damaged(step == ScanStep.End ? "the segment ends before its first record" : _scanner.Error);
        if (step == ScanStep.Broken)
        {
            if (endIsKnown) throw Damaged(_scanner.Error);
            CutTail();
        }

        if (nextFirst is null) Settle();
        if (_scanner.Header.NextLsn > 0) _expected = _scanner.Header.NextLsn;
    }

    /// <summary>The next segment knows where this one ends: it was begun after that was on disk.</summary>
    private void TakeEndFrom(long first, long next)
    {
        using var follower = new SegmentScanner();
        var name = SegmentName.Of(next);
        if (!follower.TryOpen(_storage.Open(name, writable: false), next)) throw LogErrors.BadHeader(_storage, name, follower.Error);

        // A segment between the two is gone; which LSNs it had, the end of this one would tell.
        if (follower.Header.PreviousFirstLsn != first) throw LogErrors.Missing(_storage, follower.Header.PreviousFirstLsn, next - 1);
        if (!_scanner.TrySetEnd(follower.Header.PreviousEnd)) throw LogErrors.BadHeader(_storage, SegmentName.Of(first), _scanner.Error);
    }

    private void Take()
    {
        var bytes = _scanner.Bytes;
        switch (_scanner.Kind)
        {
            case RecordKind.Schema:
                if (!LogRecord.TryReadSchema(bytes, out var number, out var series)) throw Damaged("a schema does not add up");
                _schemas.Declare(number, series);
                break;
            case RecordKind.Agents:
                RestoreAgents(bytes);
                break;
            case RecordKind.Samples:
                Restore(BinaryPrimitives.ReadInt32LittleEndian(bytes[RecordLayout.AgentAt..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[RecordLayout.BatchSeqAt..]), _expected);
                if (_expected > _afterLsn) Replay(bytes);
                _expected++;
                break;
        }
    }

    private void Replay(ReadOnlySpan<byte> bytes)
    {
        if (_schemas.SchemasOf(bytes, out var error) is not { } schemas) throw Damaged(error);
        var record = _target.Rent();
        record.Load(bytes, schemas);
        if (SeriesRange.HighestOf(record) is var highest && highest >= _seriesCount) throw LogErrors.UnknownSeries(_storage, highest, _seriesCount);
        _records++;
        _samples += record.SampleCount;
        _target.Replay(record);
    }

    private void RestoreAgents(ReadOnlySpan<byte> bytes)
    {
        var count = LogRecord.AgentCount(bytes);
        if (count < 0) throw Damaged("the list of agents does not add up");
        for (var i = 0; i < count; i++)
        {
            var (number, seq) = LogRecord.AgentAt(bytes, i);
            Restore(number, seq, _expected - 1);
        }
    }

    private void Restore(int agent, long seq, long lsn)
    {
        if (agent == 0 || seq == 0) return;
        if ((uint)agent > (uint)_agents.Count) throw LogErrors.UnknownAgent(_storage, agent, _agents.Count);
        _agents.RestoreSequence(agent, seq, lsn);
    }

    /// <summary>The newest segment goes on with something broken. If a later commit is there, the broken part had been acked.</summary>
    private void CutTail()
    {
        var offset = _scanner.Offset;
        var error = _scanner.Error;
        var torn = _scanner.LooksTorn(_expected);
        var tail = _scanner.ScanTail(offset, _expected);
        if (tail.CommitAt >= 0)
        {
            throw LogErrors.Damaged(_storage, _scanner.Name, offset, _expected, $"{error}, though everything before LSN {tail.CommitLsn} had been acked (commit at byte {tail.CommitAt})");
        }

        if (torn || tail.WholeRecords > 0) _torn = new TornTail(_scanner.Name, offset, _expected, tail.WholeRecords);
    }

    private void Settle()
    {
        _newestEnd = _scanner.Offset;
        _scanner.Settle(_newestEnd);
        _storage.SyncFolder();
    }

    private LogException Damaged(string what) => LogErrors.Damaged(_storage, _scanner.Name, _scanner.Offset, _expected, what);
}
