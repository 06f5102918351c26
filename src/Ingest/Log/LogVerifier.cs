using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Log;

/// <summary>Checks everything in the folder of the log: definitions, segments, records, and that they fit together. Reads only; the daemon should not run.</summary>
public sealed class LogVerifier : ILogVisitor
{
    private readonly List<LogFinding> _findings = [];
    private long _series;
    private long _agents;
    private int _segments;
    private long _segmentBytes;
    private long _records;
    private long _samples;
    private long _firstLsn;
    private long _lastLsn;

    private LogVerifier()
    {
    }

    /// <summary>Throws <see cref="LogException"/> only when the folder cannot be read; whatever is wrong in the files is a finding.</summary>
    public static LogVerification Run(ILogStorage storage)
    {
        var verifier = new LogVerifier();
        try
        {
            verifier.CheckDefinitions(storage);
            using var walk = new LogWalk(storage, verifier);
            walk.Run();
        }
        catch (LogIoException e)
        {
            throw LogErrors.Refused(e, "The log cannot be read");
        }

        return verifier.Result;
    }

    private LogVerification Result => new()
    {
        Segments = _segments,
        Records = _records,
        Samples = _samples,
        SegmentBytes = _segmentBytes,
        FirstLsn = _firstLsn,
        LastLsn = _lastLsn,
        Series = _series,
        Agents = _agents,
        Findings = _findings,
    };

    void ILogVisitor.OnSegment(string name, long first) => _segments++;

    void ILogVisitor.OnRecord(Record record)
    {
        _records++;
        _samples += record.SampleCount;
        if (_firstLsn == 0) _firstLsn = record.Lsn;
        _lastLsn = record.Lsn;
        var highest = SeriesRange.HighestOf(record);
        if (highest >= _series) Add(record.Lsn, $"the record has samples of series {highest}, but {DefinitionsFormat.FileName} knows {_series}");
        if (record.Agent > _agents) Add(record.Lsn, $"the record is of agent {record.Agent}, but {DefinitionsFormat.FileName} knows {_agents}");
    }

    void ILogVisitor.OnAgent(int number, long seq)
    {
        if (number > _agents) Add(_lastLsn + 1, $"a batch of agent {number} is recorded, but {DefinitionsFormat.FileName} knows {_agents}");
    }

    void ILogVisitor.OnSegmentEnd(long end, long next) => _segmentBytes += end;

    void ILogVisitor.OnFinding(LogFinding finding) => _findings.Add(finding);

    private void CheckDefinitions(ILogStorage storage)
    {
        const string name = DefinitionsFormat.FileName;
        if (!storage.List().Contains(name))
        {
            if (SegmentName.List(storage).Count > 0) AddDefinitions(0, "the file is missing, but there are segments");
            return;
        }

        using var file = storage.Open(name, writable: false);
        var scan = new DefinitionsScan(file);
        scan.Run((kind, number, _) =>
        {
            ref var next = ref kind == DefinitionQueue.AgentKind ? ref _agents : ref _series;
            var expected = kind == DefinitionQueue.AgentKind ? next + 1 : next;
            if (number != expected) AddDefinitions(scan.End, $"number {number} stands where {expected} should be");
            next++;
        });
        if (!scan.HasHeader) AddDefinitions(0, "its header is not that of a definitions file");
        else if (scan.LaterCommitAt >= 0) AddDefinitions(scan.End, $"an entry is broken, though a later commit, at byte {scan.LaterCommitAt}, shows that it had been acked");
        else if (scan.TailBytes > 0) _findings.Add(new LogFinding(name, scan.End, 0, 0, $"an unfinished commit of {scan.TailBytes} bytes: never acked, cut off at the next start", IsDamage: false));
    }

    private void AddDefinitions(long offset, string what) => _findings.Add(new LogFinding(DefinitionsFormat.FileName, offset, 0, 0, what, IsDamage: true));

    private void Add(long lsn, string what) => _findings.Add(new LogFinding(DefinitionsFormat.FileName, 0, lsn, lsn, what, IsDamage: true));
}
