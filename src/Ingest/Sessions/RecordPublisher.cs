using DataLayer.Ingest.Agents;
using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Sessions;

/// <summary>
/// The way of a session's records into the ring: one under way (the intake's), at most one complete that waits for room. Keeps the order, admits batches
/// once only, and asks the outbox for their acks. Owned by a session, its thread alone.
/// </summary>
internal sealed class RecordPublisher(SessionHost host, Intake intake, Outbox outbox, bool isUdp) : IDisposable
{
    private readonly IRecordSink _sink = host.Sink;
    private readonly IngestCounters _counters = intake.Counters;

    // The complete record that waits, and what it is.
    private Record? _waiting;
    private bool _isBatch;
    private long _seq;

    /// <summary>Everything this session has published, or found to be published already, is in the log up to here.</summary>
    public long LastLsn { get; private set; }

    /// <summary>The first batch that was refused for now, whose followers are refused until it is sent again; 0: none. For agents with names only.</summary>
    public long RefusedSeq { get; private set; }

    public bool HasWaiting => _waiting is not null;

    /// <summary>There is a record to fill after this call.</summary>
    public void Open() => intake.Record ??= _sink.Rent();

    /// <summary>Gives an empty record back, so that an idle session holds none.</summary>
    public void ReleaseEmpty()
    {
        if (intake.Record is not { IsEmpty: true } record) return;
        _sink.Return(record);
        intake.Record = null!;
    }

    /// <summary>Publishes the unbatched samples under way. False: the ring is full, and they wait. Datagrams never wait.</summary>
    public bool TryPublishOpen()
    {
        if (!TryPublishWaiting()) return false;
        if (intake.Record is not { IsEmpty: false } record) return true;
        record.Complete(intake.Agent?.Number ?? 0, 0, intake.ArrivalMicros);
        (_waiting, _isBatch, _seq) = (record, false, 0);
        intake.Record = null!;
        return TryPublishWaiting();
    }

    /// <summary>Publishes the record under way as a batch. False: the ring is full, and it waits.</summary>
    public bool TryPublishBatch(long seq)
    {
        var record = intake.Record;
        if (record.IsEmpty && (seq == 0 || intake.Agent is null))
        {
            // Nothing to store, nothing to remember: acked with what came before.
            outbox.Ack(LastLsn, seq, isFlush: false, null);
            return true;
        }

        record.Complete(intake.Agent?.Number ?? 0, intake.Agent is null ? 0 : seq, intake.ArrivalMicros);
        (_waiting, _isBatch, _seq) = (record, true, seq);
        intake.Record = null!;
        return TryPublishWaiting();
    }

    /// <summary>Tries again with the record that waits. True: none does any more.</summary>
    public bool TryPublishWaiting()
    {
        if (_waiting is null) return true;
        var refused = FaultExtensions.Of(_sink.Admission);
        if (refused != Fault.None)
        {
            RefuseWaiting(refused);
            return true;
        }

        if (!TryAdmit(_waiting))
        {
            if (!isUdp) return false;
            DropWaiting(DropReason.UdpRingFull);
        }

        _waiting = null;
        return true;
    }

    /// <summary>Whether a batch was applied already; then it is acked when that is durable. Before it is unpacked.</summary>
    public bool IsDuplicate(long seq)
    {
        if (intake.Agent is not { } agent || seq == 0) return false;
        lock (agent.Admitting)
        {
            if (seq > agent.AdmittedSeq) return false;
            AckDuplicate(agent, seq);
            return true;
        }
    }

    /// <summary>A batch was refused whole. If that is only for now, those after it must wait for it: an ack speaks for all before.</summary>
    public void OnRefused(long seq, Fault fault)
    {
        _counters.BatchesRejected[(int)fault.Reason()]++;
        if (fault.IsForNow() && intake.Agent is not null && RefusedSeq == 0) RefusedSeq = seq;
    }

    public void Dispose()
    {
        if (_waiting is not null) DropWaiting(DropReason.SessionClosed);
        _waiting = null;
        if (intake.Record is not { } record) return;
        CountDropped(record, DropReason.SessionClosed);
        _sink.Return(record);
        intake.Record = null!;
    }

    private bool TryAdmit(Record record)
    {
        // The record is the pipeline's once it is published.
        var (samples, events) = (record.SampleCount, record.EventCount);
        long lsn;
        if (_isBatch && record.BatchSeq > 0)
        {
            var agent = intake.Agent!;
            lock (agent.Admitting)
            {
                if (_seq <= agent.AdmittedSeq)
                {
                    RejectDuplicate(agent, record);
                    return true;
                }

                if (!_sink.TryPublish(record, out lsn)) return false;
                if (_seq > agent.AdmittedSeq + 1) _counters.BatchGaps++;
                agent.OnAdmitted(_seq, lsn, _sink.DurableLsn);
            }
        }
        else if (!_sink.TryPublish(record, out lsn))
        {
            return false;
        }

        _counters.Published += samples;
        _counters.EventsPublished += events;
        LastLsn = lsn;
        if (!_isBatch) return true;
        _counters.Batches++;
        if (_seq >= RefusedSeq) RefusedSeq = 0; // The one that was refused has come again.
        outbox.Ack(lsn, _seq, isFlush: false, intake.Agent);
        return true;
    }

    /// <summary>Another connection of this agent was quicker.</summary>
    private void RejectDuplicate(Agent agent, Record record)
    {
        CountRejected(record, RejectReason.Duplicate);
        _sink.Return(record);
        AckDuplicate(agent, _seq);
    }

    private void AckDuplicate(Agent agent, long seq)
    {
        _counters.DuplicateBatches++;
        LastLsn = Math.Max(LastLsn, agent.AdmittedLsn);
        outbox.Ack(agent.AdmittedLsn, seq, isFlush: false, agent);
    }

    private void RefuseWaiting(Fault fault)
    {
        var record = _waiting!;
        _waiting = null;
        CountRejected(record, fault.Reason());
        intake.Tell(fault);
        _sink.Return(record);
        if (_isBatch) OnRefused(_seq, fault);
        intake.Faults.Flush(_isBatch ? _seq : 0, _isBatch, intake.ArrivalMicros);
    }

    private void DropWaiting(DropReason reason)
    {
        CountDropped(_waiting!, reason);
        _sink.Return(_waiting!);
    }

    private void CountRejected(Record record, RejectReason reason)
    {
        _counters.Rejected[(int)reason] += record.SampleCount;
        _counters.EventsRejected[(int)reason] += record.EventCount;
    }

    private void CountDropped(Record record, DropReason reason)
    {
        _counters.Dropped[(int)reason] += record.SampleCount;
        _counters.EventsDropped[(int)reason] += record.EventCount;
    }
}
