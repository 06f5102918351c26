using DataLayer.Ingest.Agents;
using DataLayer.Ingest.Records;
using DataLayer.Protocol;

namespace DataLayer.Ingest.Sessions;

/// <summary>
/// Everything a session answers, in order: errors and the welcome at once, acks when the log (or, in memory mode, the hot store) has come so far.
/// Thread: the session adds; the commit thread or a shard's thread tells how far it is. Allocates: no (amortized). Blocks: a lock held for a copy.
/// </summary>
internal sealed class Outbox(IRecordSink sink, ISessionOutput output, IAckTarget session, bool isSilent) : IDisposable
{
    /// <summary>Past this, acks that wait for the same record are merged into the latest: they are cumulative, and memory stays bounded.</summary>
    private const int MergeFrom = 4096;

    /// <summary>Past this a peer that asks for answers in no order is refused more of them, until the disk has come so far: 2 MiB.</summary>
    private const int EntriesMax = 1 << 16;

    private readonly Lock _gate = new();

    // Owned by: the session. The last record that this session is told of.
    private long _registeredLsn;

    // Guarded by: _gate.
    private readonly MsgPackWriter _writer = new(64);
    private Entry[] _entries = [];
    private int _head;
    private int _count;
    private long _lastLsn;
    private TaskCompletionSource? _waiter;
    private long _waiterLsn;
    private bool _isClosed;

    /// <summary>Nothing is ever sent.</summary>
    public bool IsSilent => isSilent;

    /// <summary>What an ack waits for. Owned by: the session; read by the threads that tell progress.</summary>
    public AckMode Mode { get; private set; }

    public void SendError(long seq, ErrorCode code, string text)
    {
        if (isSilent) return;
        lock (_gate)
        {
            if (_isClosed) return;
            MessageEncoder.WriteError(_writer, seq, code, text);
            SendWritten();
        }
    }

    public void SendWelcome(string server, long lastSeq, long maxMessageBytes, long maxBatchBytes, long timeMicros)
    {
        if (isSilent) return;
        lock (_gate)
        {
            if (_isClosed) return;
            MessageEncoder.WriteWelcome(_writer, server, lastSeq, maxMessageBytes, maxBatchBytes, timeMicros);
            SendWritten();
        }
    }

    /// <summary>Acks wait for this from now on; those that wait already are asked about anew.</summary>
    public void SetMode(AckMode mode)
    {
        Mode = mode;
        if (_lastLsn > 0) Register(_registeredLsn = _lastLsn);
    }

    /// <summary>No more flushes are taken for now.</summary>
    public bool IsFull
    {
        get
        {
            lock (_gate) return _count >= EntriesMax;
        }
    }

    /// <summary>Acks a batch (or answers a flush) when <paramref name="lsn"/> is reached; 0: when all before it are.</summary>
    public void Ack(long lsn, long number, bool isFlush, Agent? agent)
    {
        if (isSilent) return;
        lock (_gate)
        {
            if (_isClosed) return;
            lsn = Math.Max(lsn, _lastLsn);
            _lastLsn = lsn;
            Enqueue(new Entry(lsn, number, isFlush, agent));
        }

        // Outside the lock: it may call back at once, on this thread. Once for each record: whoever tells of it finds this entry, or has moved the LSN before we look.
        if (lsn > _registeredLsn) Register(_registeredLsn = lsn);
        else if (Reached >= lsn) OnReached(Reached);
    }

    private long Reached => Mode == AckMode.Memory ? sink.AppliedLsn : sink.DurableLsn;

    /// <summary>Completes when <paramref name="lsn"/> is reached. One at a time.</summary>
    public Task WaitAsync(long lsn, CancellationToken cancellation)
    {
        TaskCompletionSource waiter;
        lock (_gate)
        {
            if (_isClosed) return Task.FromCanceled(new CancellationToken(canceled: true));
            _waiter = waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiterLsn = lsn;
        }

        Register(lsn);
        return waiter.Task.WaitAsync(cancellation);
    }

    /// <summary>Everything up to <paramref name="lsn"/> is durable, or visible: sends the acks that waited for it, in one piece.</summary>
    public void OnReached(long lsn)
    {
        lock (_gate)
        {
            if (_isClosed) return;
            WriteAcks(lsn);
            if (_waiter is null || lsn < _waiterLsn) return;
            _waiter.TrySetResult();
            _waiter = null;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_isClosed) return;
            _isClosed = true;
            _count = 0;
            _waiter?.TrySetCanceled();
            _waiter = null;
            _writer.Dispose();
        }
    }

    private void Register(long lsn)
    {
        if (Mode == AckMode.Memory) sink.WhenApplied(session, lsn);
        else sink.WhenDurable(session, lsn);
    }

    private void WriteAcks(long lsn)
    {
        long? unsent = null;
        while (_count > 0 && _entries[_head].Lsn <= lsn)
        {
            var entry = _entries[_head];
            _entries[_head] = default;
            _head = (_head + 1) & (_entries.Length - 1);
            _count--;

            // Batches are cumulative, so the last of several that follow each other speaks for all. A flush is answered by its own number.
            if (unsent is { } before && (entry.IsFlush || entry.Number <= before)) MessageEncoder.WriteAck(_writer, before);
            unsent = entry.IsFlush ? null : entry.Number;
            if (entry.IsFlush) MessageEncoder.WriteAck(_writer, entry.Number);
            if (Mode == AckMode.Durable) entry.Agent?.OnAcked(entry.Number);
        }

        if (unsent is { } last) MessageEncoder.WriteAck(_writer, last);
        if (_writer.LengthBytes > 0) SendWritten();
    }

    private void SendWritten()
    {
        output.Send(_writer.Written);
        _writer.Clear();
    }

    private void Enqueue(in Entry entry)
    {
        if (_count >= MergeFrom)
        {
            ref var last = ref _entries[(_head + _count - 1) & (_entries.Length - 1)];
            if (last.Lsn == entry.Lsn && last.IsFlush == entry.IsFlush && last.Agent == entry.Agent && (last.Number < entry.Number || !entry.IsFlush))
            {
                if (last.Number < entry.Number) last = entry;
                return;
            }
        }

        if (_count == _entries.Length) Grow();
        _entries[(_head + _count++) & (_entries.Length - 1)] = entry;
    }

    private void Grow()
    {
        var grown = new Entry[Math.Max(16, _entries.Length * 2)];
        for (var i = 0; i < _count; i++) grown[i] = _entries[(_head + i) & (_entries.Length - 1)];
        (_entries, _head) = (grown, 0);
    }

    private readonly record struct Entry(long Lsn, long Number, bool IsFlush, Agent? Agent);
}
