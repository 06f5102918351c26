using System.Security.Cryptography;
using DataLayer.Ingest.Agents;
using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Log;

/// <summary>
/// The durable log: records in segments, one flush for all that wait. Segments are described at <see cref="SegmentHeader"/>, records at <see cref="RecordLayout"/>.
/// Each run writes segments of its own, made when the first record comes. Owned by the commit thread; the gauges and <see cref="Release"/> are safe from any thread.
/// </summary>
public sealed class RecordLog : IRecordLog
{
    /// <summary>Small records are gathered in this much before a system call: above it, calls no longer cost anything beside the copy.</summary>
    private const int BufferBytes = 256 << 10;

    private readonly ILogStorage _storage;
    private readonly DefinitionQueue _queue;
    private readonly DefinitionsFile _definitions;
    private readonly AgentTable _agents;
    private readonly SparePool _spares;
    private readonly SegmentList _segments;
    private readonly long _segmentBytes;
    private readonly byte[] _buffer = new byte[BufferBytes];

    // Owned by: the commit thread. Records before _first are durable, those from _filled on not yet written to the segment.
    private readonly List<Record> _pending = [];
    private int _first;
    private int _filled;
    private SegmentWriter? _writer;
    private long _serials;
    private (long FirstLsn, long End) _previous;
    private long _lastLsn;
    private long _durableLsn;

    private RecordLog(ILogStorage storage, IngestOptions options, DefinitionQueue queue, DefinitionsFile definitions, AgentTable agents, LogRecoveryResult recovered, bool prepares)
    {
        (_storage, _queue, _definitions, _agents) = (storage, queue, definitions, agents);
        _segmentBytes = options.SegmentBytes;
        _segments = new SegmentList(recovered.Segments);
        _spares = new SparePool(storage, _segmentBytes, prepares);
        _previous = (recovered.NewestFirstLsn, recovered.NewestEnd);
        _lastLsn = _durableLsn = recovered.LastLsn;
    }

    /// <summary>The highest LSN appended.</summary>
    public long LastLsn => _lastLsn;

    /// <summary>The highest LSN on disk. Thread: any.</summary>
    public long DurableLsn => Volatile.Read(ref _durableLsn); // Pairs with Volatile.Write in OnDurable.

    /// <summary>The first LSN that is still in the log (the next one when the log is empty). Thread: any.</summary>
    public long OldestLsn => _segments.OldestLsn ?? DurableLsn + 1;

    /// <summary>Bytes of disk that segments take and <see cref="Release"/> can free: what the limit on the log counts. Thread: any, cheap.</summary>
    public long BytesOnDisk => _segments.Bytes;

    /// <summary>Bytes of disk kept ready for segments to come. Thread: any.</summary>
    public long SpareBytes => _spares.Bytes;

    /// <summary>Bytes of the definitions file. Thread: any.</summary>
    public long DefinitionsBytes => _definitions.Bytes;

    public int SegmentCount => _segments.Count;

    /// <summary>
    /// Opens the log for writing after recovery. Takes over <paramref name="definitions"/>; <paramref name="prepares"/>: writes spare files in the background.
    /// </summary>
    public static RecordLog Open(
        ILogStorage storage,
        IngestOptions options,
        DefinitionQueue queue,
        DefinitionsFile definitions,
        AgentTable agents,
        LogRecoveryResult recovered,
        bool prepares = true)
    {
        try
        {
            return new RecordLog(storage, options, queue, definitions, agents, recovered, prepares);
        }
        catch (LogIoException e)
        {
            throw LogErrors.Refused(e, "The log cannot be opened");
        }
    }

    /// <summary>Takes a sealed record until it is durable. Thread: commit. Allocates: no (amortized). Blocks: no. Fails: only when the LSN is not the next (our fault).</summary>
    public void Append(Record record)
    {
        if (record.Lsn != _lastLsn + 1) throw new InvalidOperationException($"A record with LSN {record.Lsn} was appended after {_lastLsn}.");
        _pending.Add(record);
        _lastLsn = record.Lsn;
    }

    /// <summary>
    /// Makes all appended records durable. Throws <see cref="LogException"/> when the storage refuses; the records stay with the log, and the next call writes what
    /// is not durable anew, into a new segment: a failed flush proves nothing about the file it failed on.
    /// Thread: commit. Allocates: only for a new segment. Blocks: the disk.
    /// </summary>
    public void Commit()
    {
        try
        {
            _definitions.Commit(_queue);
            while (_first < _pending.Count) CommitSome();
        }
        catch (LogIoException e)
        {
            throw LogErrors.Refused(e, $"The log cannot be written after LSN {_durableLsn}");
        }

        _pending.Clear();
        _first = 0;
    }

    /// <summary>
    /// Frees the segments whose records are all at or below <paramref name="lsn"/>: every reader has them. Their files become spares as far as the log has needed
    /// files since the last call. Thread: any. Blocks: the disk.
    /// </summary>
    public void Release(long lsn)
    {
        try
        {
            var (released, wanted) = _segments.Release(lsn);
            _spares.Shrink(wanted);
            if (released.Count == 0) return;
            var missing = wanted - _spares.Count;
            var recycled = new List<string>();
            foreach (var segment in released)
            {
                var name = SegmentName.Of(segment.FirstLsn);
                if (recycled.Count < missing && segment.Recyclable && segment.FileBytes == _segmentBytes)
                {
                    recycled.Add(_spares.NextName());
                    _storage.Rename(name, recycled[^1]);
                }
                else
                {
                    _storage.Delete(name);
                }
            }

            // Before one of them is written to: else, after a crash, the old name could lead to new bytes.
            _storage.SyncFolder();
            foreach (var name in recycled) _spares.Give(name);
        }
        catch (LogIoException e)
        {
            throw LogErrors.Refused(e, $"Segments of the log up to LSN {lsn} cannot be released");
        }
    }

    /// <summary>Closes the files. Records that are not committed are not: the owner commits first. An orderly end is marked, so that damage to the last commit is seen.</summary>
    public void Dispose()
    {
        try
        {
            if (_writer is { Published: true } && _pending.Count == 0)
            {
                _writer.PutCommit(_lastLsn + 1);
                _writer.Sync();
            }
        }
        catch (LogIoException)
        {
            // The mark is a help for the next start, not a promise: everything acked is on disk without it.
        }

        _writer?.Dispose();
        _spares.Dispose();
        _definitions.Dispose();
    }

    /// <summary>Writes as many records as the segment takes, and makes them durable.</summary>
    private void CommitSome()
    {
        try
        {
            Fill();
            _writer!.Sync();
            if (!_writer.Published) Publish(_writer);
            OnDurable();
        }
        catch
        {
            Abandon();
            throw;
        }
    }

    private void Fill()
    {
        if (_writer is not null && !Fits(_writer, _pending[_first], LogRecord.CommitBytes)) Retire(_writer);
        _filled = _first;
        if (_writer is null) Start(_pending[_first].Lsn);
        else _writer.PutCommit(_pending[_first].Lsn);

        // The first record of a segment is put whatever its size: one larger than a segment gets a segment of its own.
        do _writer!.Put(_pending[_filled++]);
        while (_filled < _pending.Count && Fits(_writer, _pending[_filled], 0));
    }

    private bool Fits(SegmentWriter writer, Record record, int extraBytes) => writer.Position + extraBytes + writer.Needs(record) <= _segmentBytes;

    private void Start(long firstLsn)
    {
        var nonce = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));
        var header = new SegmentHeader(firstLsn, nonce, _previous.FirstLsn, _previous.End);
        _writer = new SegmentWriter(_spares.Take(), header, ++_serials, _buffer);

        // Only what is durable before this segment: a batch further on in it may yet be torn, and must not be taken for stored.
        _writer.PutAgents(firstLsn, _agents.LoggedSequences());
    }

    /// <summary>Gives the file its name as a segment. After this it counts, so its first commit is on disk already.</summary>
    private void Publish(SegmentWriter writer)
    {
        _storage.Rename(writer.FileName, SegmentName.Of(writer.Header.FirstLsn));
        _storage.SyncFolder();
        writer.Published = true;
        _segments.Add(new SegmentInfo(writer.Header.FirstLsn, writer.FileBytes, Recyclable: false));
    }

    private void OnDurable()
    {
        for (; _first < _filled; _first++)
        {
            var record = _pending[_first];
            if (record.Agent > 0 && record.BatchSeq > 0) _agents.OnAppended(record.Agent, record.BatchSeq);
            Volatile.Write(ref _durableLsn, record.Lsn); // Pairs with Volatile.Read in DurableLsn.
        }
    }

    /// <summary>The segment is full: the next one follows it.</summary>
    private void Retire(SegmentWriter writer)
    {
        _segments.OnFilled(writer.FileBytes);
        Close(writer);
    }

    /// <summary>Something failed: what was durable of the segment stays, the rest does not count, and the next commit starts a new one.</summary>
    private void Abandon()
    {
        if (_writer is not { } writer) return;
        if (writer.Published) Close(writer);
        else Discard(writer);
    }

    private void Close(SegmentWriter writer)
    {
        _previous = (writer.Header.FirstLsn, writer.DurableEnd);
        writer.Dispose();
        _writer = null;
    }

    private void Discard(SegmentWriter writer)
    {
        writer.Dispose();
        _writer = null;
        try
        {
            _storage.Delete(writer.FileName);
            _storage.Delete(SegmentName.Of(writer.Header.FirstLsn));
        }
        catch (LogIoException)
        {
            // A spare left over is deleted at the next start; a segment that got its name is replaced by the one that takes its place.
        }
    }
}
