using DataLayer.Protocol;

namespace DataLayer.Ingest.Sessions;

/// <summary>
/// Batches: <c>[4, seq, codec, raw_len, bin]</c>. The envelope is judged first; a batch that is refused whole is not looked into and nothing of it is applied.
/// Then its messages are decoded into one record. Owned by a session.
/// </summary>
internal sealed class BatchDecoder(SessionHost host, MessageDecoder messages, RecordPublisher publisher, Intake intake, bool isUdp) : IDisposable
{
    /// <summary>A record of a batch may grow to this; messages beyond are refused. Four times max_batch: only odd batches (points of one-byte fields) get there.</summary>
    private const int MaxRecordBytes = 256 << 20;

    /// <summary>Smaller batches take no more than the buffers of their connection do anyway.</summary>
    private const int ReserveFromBytes = 1 << 20;

    private readonly BatchUnpacker _unpacker = new();
    private long _reservedBytes;

    /// <summary>
    /// Whether there is room for what the batch unpacks to: a thousand connections would else each hold one of 64 MiB that waits. True as well where it is going to be refused.
    /// Thread: the session's. Allocates: no. Blocks: no. Fails: returns false; come again when there is capacity.
    /// </summary>
    public bool TryReserve(ReadOnlySpan<byte> bytes)
    {
        if (isUdp || host.Sink.Admission != Admission.Open) return true;
        var reader = new MsgPackReader(bytes);
        if (!reader.TryReadArrayHeader(out _) || !reader.TryReadInt64(out _) || !reader.TryReadInt64(out _) || !reader.TryReadInt64(out _) || !reader.TryReadInt64(out var rawBytes)) return true;
        if (rawBytes > host.Options.MaxBatchBytes) return true;
        if (rawBytes < ReserveFromBytes) return true;
        if (!host.Sink.TryReserve(rawBytes)) return false;
        _reservedBytes = rawBytes;
        return true;
    }

    public void ReleaseReserved()
    {
        if (_reservedBytes == 0) return;
        host.Sink.Release(_reservedBytes);
        _reservedBytes = 0;
    }

    /// <summary>
    /// Handles a batch, after everything before it was published. Blocked: the ring is full; the batch waits as a record.
    /// Thread: the session's. Allocates: no (pooled). Blocks: no. Fails: returns the fault of an envelope that is none, or cut short.
    /// </summary>
    public Fault Decode(ReadOnlySpan<byte> bytes, out int length)
    {
        var fault = DecodeReserved(bytes, out length);
        ReleaseReserved();
        return fault;
    }

    public void Dispose()
    {
        ReleaseReserved();
        _unpacker.Dispose();
    }

    private Fault DecodeReserved(ReadOnlySpan<byte> bytes, out int length)
    {
        length = 0;
        intake.FaultSamples = 0;
        var reader = new MsgPackReader(bytes);
        if (!reader.TryReadArrayHeader(out var elements) || elements != 5 || !reader.TryReadInt64(out _)) return Fault.OperationShape;
        if (!reader.TryReadInt64(out var seq) || seq < 0 || !reader.TryReadInt64(out var codec) || !reader.TryReadInt64(out var rawBytes)) return Fault.OperationShape;
        if (!reader.TryReadBinary(out var packed)) return Fault.OperationShape;
        length = reader.Position;
        if (isUdp && seq != 0)
        {
            intake.Counters.DatagramMessagesIgnored++;
            return Fault.None;
        }

        var fault = JudgeEnvelope(seq, rawBytes, out var isDuplicate);
        if (isDuplicate) return Fault.None;
        ReadOnlySpan<byte> raw = default;
        if (fault == Fault.None) fault = _unpacker.Unpack(codec, packed, (int)rawBytes, out raw);
        if (fault == Fault.None) Apply(raw, seq);
        else Refuse(seq, fault);
        _unpacker.Release();
        return Fault.None;
    }

    private Fault JudgeEnvelope(long seq, long rawBytes, out bool isDuplicate)
    {
        isDuplicate = publisher.IsDuplicate(seq);
        if (isDuplicate) return Fault.None;
        var refused = FaultExtensions.Of(host.Sink.Admission);
        if (refused != Fault.None) return refused;
        if (publisher.RefusedSeq != 0 && seq > publisher.RefusedSeq) return Fault.EarlierBatchRefused;
        if (rawBytes > host.Options.MaxBatchBytes) return Fault.BatchTooLarge;
        return rawBytes < 0 ? Fault.BatchLengthWrong : Fault.None;
    }

    private void Refuse(long seq, Fault fault)
    {
        publisher.OnRefused(seq, fault);
        intake.Tell(fault);
        intake.Faults.Flush(seq, isBatch: true, intake.ArrivalMicros);
    }

    private void Apply(ReadOnlySpan<byte> raw, long seq)
    {
        var outside = intake.Message;
        intake.Message = 0;
        for (var rest = raw; !rest.IsEmpty;)
        {
            intake.Message++;
            if (intake.Record.LengthBytes > MaxRecordBytes)
            {
                // What is left cannot be counted without decoding it: one sample stands for it.
                intake.Reject(Fault.RecordTooLarge, 1);
                break;
            }

            rest = rest[messages.DecodeNested(rest)..];
        }

        // Errors go before the ack: whoever sees the ack has seen what was refused.
        intake.Faults.Flush(seq, isBatch: true, intake.ArrivalMicros);
        intake.Message = outside;
        ReleaseReserved();
        publisher.TryPublishBatch(seq);
    }
}
