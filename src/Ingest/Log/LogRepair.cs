using System.Security.Cryptography;
using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Log;

/// <summary>
/// The way out of a damaged log: each damaged segment is moved aside to *.quarantine, its whole records are copied to new segments, and the LSNs that are gone are
/// written into the headers of those, so that the daemon starts again and nobody has to guess what was lost. Sound segments are not touched.
/// The caller holds the <see cref="DataDirectoryLock"/>.
/// </summary>
public sealed class LogRepair : ILogVisitor, IDisposable
{
    private const string PartSuffix = ".repair";

    private readonly ILogStorage _storage;
    private readonly HashSet<string> _damaged;
    private readonly byte[] _buffer = new byte[256 << 10];
    private readonly SortedDictionary<int, long> _sequences = [];
    private readonly List<long> _parts = [];
    private readonly List<string> _quarantined = [];
    private (long FirstLsn, long End) _previous;
    private (long FirstLsn, long End) _beforePart;
    private SegmentWriter? _part;
    private string _name = "";
    private long _first;
    private long _next;
    private long _kept;
    private long _serials;

    private LogRepair(ILogStorage storage, HashSet<string> damaged, long afterLsn)
    {
        (_storage, _damaged) = (storage, damaged);
        var segments = SegmentName.List(storage);
        _next = segments.Count == 0 || segments[0] <= afterLsn + 1 ? segments.FirstOrDefault() : afterLsn + 1;
    }

    /// <summary>Repairs what <see cref="LogVerifier"/> finds. <paramref name="afterLsn"/>: the lake's position; what it holds need not be in the log.</summary>
    public static LogRepairResult Run(ILogStorage storage, long afterLsn)
    {
        var before = LogVerifier.Run(storage);
        var damaged = before.Findings.Where(finding => finding.IsDamage).Select(finding => finding.File).ToHashSet(StringComparer.Ordinal);
        using var repair = new LogRepair(storage, damaged, afterLsn);
        try
        {
            using (var walk = new LogWalk(storage, repair)) walk.Run();
            repair.Replace();
        }
        catch (LogIoException e)
        {
            throw LogErrors.Refused(e, "The log cannot be repaired");
        }

        var lost = before.Findings.Where(finding => finding.IsDamage).ToList();
        return new LogRepairResult(repair._quarantined, lost, repair._kept, LogVerifier.Run(storage));
    }

    public void Dispose() => _part?.Dispose();

    void ILogVisitor.OnSegment(string name, long first)
    {
        if (first > _next)
        {
            StartPart(_next);
            FinishPart(first);
        }

        (_name, _first) = (name, first);
        if (!_damaged.Contains(name)) return;
        _quarantined.Add(name);
        StartPart(first);
    }

    void ILogVisitor.OnRecord(Record record)
    {
        if (record.Agent > 0 && record.BatchSeq > 0) _sequences[record.Agent] = Math.Max(record.BatchSeq, _sequences.GetValueOrDefault(record.Agent));
        if (_part is null) return;
        if (record.Lsn != _next)
        {
            FinishPart(record.Lsn);
            StartPart(record.Lsn);
        }

        _part.Put(record);
        _next = record.Lsn + 1;
        _kept++;
    }

    void ILogVisitor.OnAgent(int number, long seq) => _sequences[number] = Math.Max(seq, _sequences.GetValueOrDefault(number));

    void ILogVisitor.OnSegmentEnd(long end, long next)
    {
        if (_part is null) _previous = (_first, end);
        else FinishPart(next);
        _next = next;
    }

    void ILogVisitor.OnFinding(LogFinding finding)
    {
        // Taken from the verification that went before.
    }

    private void StartPart(long firstLsn)
    {
        // A part of this very LSN ended without a record: a damaged segment of which nothing is left. This one takes its place, and its place in the chain.
        if (_parts.Count > 0 && _parts[^1] == firstLsn) _previous = _beforePart;
        else _parts.Add(firstLsn);
        _beforePart = _previous;
        var header = new SegmentHeader(firstLsn, BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)), _previous.FirstLsn, _previous.End);
        _part = new SegmentWriter(_storage.Create(SegmentName.Of(firstLsn) + PartSuffix, 0), header, ++_serials, _buffer);
        _part.PutAgents(firstLsn, [.. _sequences.Select(agent => (agent.Key, agent.Value))]);
        _next = firstLsn;
    }

    private void FinishPart(long nextLsn)
    {
        _part!.Finish(nextLsn);
        _previous = (_part.Header.FirstLsn, _part.Position);
        _part.Dispose();
        _part = null;
    }

    /// <summary>Everything new is on disk under other names; now the names change, and the folder is flushed once.</summary>
    private void Replace()
    {
        var names = _storage.List();
        foreach (var name in _quarantined)
        {
            // A quarantined file of an earlier repair stays.
            var aside = name + SegmentName.QuarantineSuffix;
            for (var i = 2; names.Contains(aside); i++) aside = $"{name}.{i}{SegmentName.QuarantineSuffix}";
            _storage.Rename(name, aside);
        }

        foreach (var first in _parts) _storage.Rename(SegmentName.Of(first) + PartSuffix, SegmentName.Of(first));
        _storage.SyncFolder();
    }
}
