using DataLayer.Ingest.Records;
using DataLayer.Protocol;

namespace DataLayer.Ingest.Sessions;

/// <summary>
/// The protocol between bytes and records: decodes messages, resolves series, fills records, publishes them, and answers with acks and errors.
/// Owned by one connection, request or UDP listener. Thread: one at a time; <see cref="OnDurable"/> and <see cref="OnApplied"/> come from any.
/// A message wholly inside the bytes at hand is decoded where it lies; one that goes on beyond them is gathered first.
/// </summary>
public sealed class Session : IAckTarget, IDisposable
{
    private readonly SessionHost _host;
    private readonly Intake _intake;
    private readonly Outbox _outbox;
    private readonly FaultLedger _faults;
    private readonly RecordPublisher _publisher;
    private readonly MessageDecoder _decoder;
    private readonly MessageGatherer _gatherer;
    private readonly ControlMessages _control;
    private BatchDecoder? _batches;
    private bool _isClosing;
    private bool _waitsForReserve;
    private bool _isDisposed;
    private long _unfinishedSinceMicros;

    /// <param name="output">Where answers go; null or unused for UDP.</param>
    /// <param name="peer">Who sends, for logs.</param>
    public Session(SessionHost host, SessionKind kind, ISessionOutput output, string peer)
    {
        (_host, Kind, Peer) = (host, kind, peer);
        Counters = new IngestCounters();
        _outbox = new Outbox(host.Sink, output, this, isSilent: kind == SessionKind.Udp);
        _faults = new FaultLedger(_outbox);
        _intake = new Intake(host, Counters, _faults);
        _publisher = new RecordPublisher(host, _intake, _outbox, kind == SessionKind.Udp);
        _decoder = new MessageDecoder(host, _intake, kind);
        _gatherer = new MessageGatherer(host);
        _control = new ControlMessages(host, kind, _intake, _outbox, _publisher);
        host.Add(this);
    }

    public SessionHost Host => _host;

    public SessionKind Kind { get; }

    public string Peer { get; }

    /// <summary>What this session has counted. Read by any thread, written by the session's.</summary>
    public IngestCounters Counters { get; }

    /// <summary>Grows with each sample and event that this session has handed over, and with each new series, of whatever session. Thread: the session's.</summary>
    public long Gained => Counters.Published + Counters.EventsPublished + _host.Sink.Registry.Count;

    /// <summary>The name said in hello; null where none was.</summary>
    public string? AgentName => _intake.Agent?.Name;

    /// <summary>What came of the samples so far. Thread: the session's.</summary>
    public SessionSummary Summary => new(
        Counters.Received,
        Counters.Published,
        Counters.RejectedTotal,
        [.. _faults.Errors],
        _faults.FirstCode,
        _faults.FirstText);

    /// <summary>When the last byte of a message still unfinished arrived; null between messages. Thread: any.</summary>
    public DateTimeOffset? UnfinishedSince => Moment(Volatile.Read(ref _unfinishedSinceMicros));

    /// <summary>Until when a hello must be there; null where none is required, or it was said. Thread: any.</summary>
    public DateTimeOffset? NeedsHelloBy => Moment(_control.HelloDueMicros);

    /// <summary>
    /// Takes received bytes. Backpressure: await the pipeline's capacity, then call again with the bytes not consumed, even where there are none left.
    /// Thread: the session's. Allocates: no; for new series and schemas, yes. Blocks: no. Fails: returns Closed; the error is in the output.
    /// </summary>
    public SessionStatus Consume(ReadOnlySpan<byte> bytes, out int consumed)
    {
        consumed = 0;
        if (!TryResume(out var status))
        {
            if (status == SessionStatus.Closed) consumed = bytes.Length;
            return status;
        }

        while (consumed < bytes.Length)
        {
            var rest = bytes[consumed..];
            var step = _gatherer.IsActive ? Gather(rest, out var taken) : Handle(rest, out taken);
            consumed += taken;
            Counters.Bytes += taken;
            switch (step)
            {
                case Step.Close:
                    Counters.Bytes += bytes.Length - consumed;
                    consumed = bytes.Length;
                    return Close();
                case Step.Blocked:
                    return SessionStatus.Backpressure;
            }

            if (_publisher.HasWaiting) return SessionStatus.Backpressure;
        }

        return SessionStatus.Continue;
    }

    /// <summary>After Backpressure: completes when it is worth calling again. Thread: the session's.</summary>
    public ValueTask WaitForCapacityAsync(CancellationToken cancellation) =>
        _waitsForReserve ? _host.Sink.WaitForReserveAsync(cancellation) : _host.Sink.WaitForCapacityAsync(cancellation);

    /// <summary>The received bytes are used up: publishes the record under way and tells the peer what was refused. Backpressure as in <see cref="Consume"/>.</summary>
    public SessionStatus FinishInput()
    {
        if (!TryResume(out var status)) return status;
        if (!_publisher.TryPublishOpen()) return SessionStatus.Backpressure;
        _faults.Flush(0, isBatch: false, _intake.ArrivalMicros);
        _publisher.ReleaseEmpty();
        Volatile.Write(ref _unfinishedSinceMicros, _gatherer.IsActive ? _intake.ArrivalMicros : 0);
        return SessionStatus.Continue;
    }

    /// <summary>The end of a body or connection: <see cref="FinishInput"/>, and a message that is still unfinished is refused (error 1).</summary>
    public SessionStatus EndInput()
    {
        var status = FinishInput();
        if (status != SessionStatus.Continue || !_gatherer.IsActive) return status;
        _intake.Message++;
        _intake.Reject(Fault.CutShort, 1);
        Counters.Messages[(int)MessageKind.Other]++;
        return Close();
    }

    /// <summary>
    /// Takes one datagram: its good messages are kept, its bad ones counted; after one whose end cannot be found the rest is lost. No answer is ever sent.
    /// Thread: the session's. Allocates: no; for new series and schemas, yes. Blocks: no. Fails: never.
    /// </summary>
    public void ConsumeDatagram(ReadOnlySpan<byte> datagram)
    {
        BeginInput();
        Counters.Datagrams++;
        Counters.Bytes += datagram.Length;
        for (var rest = datagram; !rest.IsEmpty;)
        {
            _publisher.Open();
            _control.IsFirstInDatagram = rest.Length == datagram.Length;
            var step = Handle(rest, out var taken);
            if (step == Step.NeedMore) RejectRest(Fault.CutShort);
            rest = step is Step.NeedMore or Step.Close ? default : rest[taken..];
        }

        _decoder.ForgetSchemas();
        if (_intake.Record is { } record && record.LengthBytes > _host.Options.RecordBytes) _publisher.TryPublishOpen();
    }

    /// <summary>All datagrams at hand were consumed: publishes their samples, or counts them as dropped.</summary>
    public void FinishDatagrams()
    {
        _publisher.TryPublishOpen();
        _faults.Flush(0, isBatch: false, _intake.ArrivalMicros);
        _publisher.ReleaseEmpty();
    }

    /// <summary>Completes when everything published so far is durable (in memory, where hello asked so). After <see cref="FinishInput"/>; one at a time.</summary>
    public Task WhenAllDurableAsync(CancellationToken cancellation) =>
        _publisher.LastLsn == 0 ? Task.CompletedTask : _outbox.WaitAsync(_publisher.LastLsn, cancellation);

    public void OnDurable(long lsn)
    {
        if (_outbox.Mode == AckMode.Durable) _outbox.OnReached(lsn);
    }

    public void OnApplied(long lsn)
    {
        if (_outbox.Mode == AckMode.Memory) _outbox.OnReached(lsn);
    }

    /// <summary>Ends the session. Samples that wait for room are dropped, and counted; nothing of them was acked. Thread: the session's.</summary>
    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        _outbox.Dispose();
        _publisher.Dispose();
        _gatherer.Dispose();
        _decoder.Dispose();
        _batches?.Dispose();
        _host.Remove(this);
    }

    private static DateTimeOffset? Moment(long micros) => micros == 0 ? null : DateTimeOffset.UnixEpoch.AddMicroseconds(micros);

    private void BeginInput() => _intake.BeginInput(_host.NowMicros());

    /// <summary>What was left undone for want of room is done first. False: return the status.</summary>
    private bool TryResume(out SessionStatus status)
    {
        BeginInput();
        status = SessionStatus.Backpressure;
        if (!_publisher.TryPublishWaiting()) return false;
        if (_isClosing)
        {
            status = Close();
            return false;
        }

        _publisher.Open();
        if (!_gatherer.IsComplete) return true;
        var step = HandleGathered();
        if (step == Step.Close) status = Close();
        if (step is Step.Close or Step.Blocked || _publisher.HasWaiting) return false;
        _publisher.Open();
        return true;
    }

    private SessionStatus Close()
    {
        _isClosing = true;
        _faults.Flush(0, isBatch: false, _intake.ArrivalMicros);
        if (!_publisher.TryPublishOpen()) return SessionStatus.Backpressure;
        _publisher.ReleaseEmpty();
        Volatile.Write(ref _unfinishedSinceMicros, 0);
        _gatherer.Release();
        return SessionStatus.Closed;
    }

    private Step Gather(ReadOnlySpan<byte> bytes, out int taken)
    {
        var fault = _gatherer.Append(bytes, out taken);
        if (fault == Fault.None) return _gatherer.IsComplete ? HandleGathered() : Step.NeedMore;
        RejectRest(fault);
        return Step.Close;
    }

    private Step HandleGathered()
    {
        var step = Handle(_gatherer.Message, out _);
        if (step == Step.Done) _gatherer.Release();
        return step;
    }

    /// <summary>One message at the start of the bytes.</summary>
    private Step Handle(ReadOnlySpan<byte> bytes, out int taken)
    {
        // A message must not be longer than this, wherever it ends; so nothing beyond is looked at.
        if (bytes.Length > _host.Options.MaxMessageBytes) bytes = bytes[.._host.Options.MaxMessageBytes];
        var message = MessageDecoder.KindOf(bytes, out _);
        if (_control.IsHelloDue && message != MessageKind.Hello) return HandleBeforeHello(bytes, message, out taken);
        _intake.Message++;
        Fault fault;
        switch (message)
        {
            case MessageKind.Line or MessageKind.Point or MessageKind.Row or MessageKind.Block or MessageKind.Schema or MessageKind.Event:
                fault = _decoder.Decode(bytes, message, isNested: false, out taken);
                if (fault == Fault.None && _intake.Record.LengthBytes > _host.Options.RecordBytes) _publisher.TryPublishOpen();
                break;
            case MessageKind.Batch or MessageKind.Flush:
                if (!TryPublishBefore(bytes, message, out taken, out fault)) return Step.Blocked;
                break;
            default:
                fault = _control.Handle(bytes, message, out taken);
                break;
        }

        if (fault != Fault.None) return Refuse(bytes, message, fault, out taken);
        Counters.Messages[(int)message]++;
        if (_intake.Record is null && !_publisher.HasWaiting) _publisher.Open();
        return Step.Done;
    }

    /// <summary>A batch or flush comes after all that was sent before it, so that is published first. False: there is no room; nothing was done.</summary>
    private bool TryPublishBefore(ReadOnlySpan<byte> bytes, MessageKind message, out int taken, out Fault fault)
    {
        (taken, fault) = (0, Fault.None);
        _batches ??= new BatchDecoder(_host, _decoder, _publisher, _intake, Kind == SessionKind.Udp);
        var isBatch = message == MessageKind.Batch;
        _waitsForReserve = isBatch && !_batches.TryReserve(bytes);
        if (_waitsForReserve) return IsBlocked();
        if (_intake.Record is { IsEmpty: false } && !_publisher.TryPublishOpen())
        {
            _batches.ReleaseReserved();
            return IsBlocked();
        }

        // What was refused before is told before the ack.
        _publisher.Open();
        _faults.FlushAll(_intake.ArrivalMicros);
        fault = isBatch ? _batches.Decode(bytes, out taken) : _control.Handle(bytes, message, out taken);
        return true;
    }

    /// <summary>The message comes again when there is room.</summary>
    private bool IsBlocked()
    {
        _intake.Message--;
        return false;
    }

    private Step HandleBeforeHello(ReadOnlySpan<byte> bytes, MessageKind message, out int taken)
    {
        _intake.FaultSamples = 0;
        var isKnown = message != MessageKind.Other || _decoder.Scan(bytes, isNested: false, out _) != ScanResult.NeedMore;
        return isKnown ? End(Fault.HelloRequired, bytes.Length, out taken) : KeepTail(bytes, out taken);
    }

    /// <summary>A message could not be decoded: because it goes on beyond the bytes, or because it is wrong.</summary>
    private Step Refuse(ReadOnlySpan<byte> bytes, MessageKind message, Fault fault, out int taken)
    {
        var result = _decoder.Scan(bytes, isNested: false, out taken);
        if (result == ScanResult.NeedMore)
        {
            _intake.Message--;
            _intake.FaultEvents = 0;
            return KeepTail(bytes, out taken);
        }

        Counters.Messages[(int)message]++;
        if (result != ScanResult.Complete)
        {
            _intake.FaultSamples = _intake.FaultEvents > 0 ? 0 : 1;
            return End(MessageGatherer.FaultOf(result), bytes.Length, out taken);
        }

        if (fault.Code() is ErrorCode.NotAMessage or ErrorCode.NotAllowed) return End(fault, taken, out taken);
        _intake.Reject(fault, _intake.FaultSamples);
        return Step.Done;
    }

    private Step KeepTail(ReadOnlySpan<byte> bytes, out int taken)
    {
        taken = 0;
        if (Kind == SessionKind.Udp) return Step.NeedMore;
        var fault = _gatherer.Append(bytes, out taken);
        if (fault == Fault.None) return Step.NeedMore;
        _intake.Message++;
        _intake.FaultSamples = 1;
        return End(fault, bytes.Length, out taken);
    }

    private Step End(Fault fault, int length, out int taken)
    {
        taken = length;
        _intake.Reject(fault, _intake.FaultSamples);
        return Step.Close;
    }

    private void RejectRest(Fault fault)
    {
        _intake.Message++;
        Counters.Messages[(int)MessageKind.Other]++;
        _intake.Reject(fault, 1);
    }

    private enum Step
    {
        Done,
        NeedMore,
        Blocked,
        Close,
    }
}
