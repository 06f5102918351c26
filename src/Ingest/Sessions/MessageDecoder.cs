using DataLayer.Protocol;

namespace DataLayer.Ingest.Sessions;

/// <summary>The messages that carry samples or events: lines, points, schemas, rows, blocks, events. On the wire, in batches, in datagrams. Owned by a session.</summary>
internal sealed class MessageDecoder(SessionHost host, Intake intake, SessionKind kind) : IDisposable
{
    /// <summary>Finds out what is wrong with a message, and where it ends. Inside batches only their length is a limit.</summary>
    private readonly MessageScanner _scanner = new(host.Options.MaxMessageBytes);
    private readonly MessageScanner _nestedScanner = new(host.Options.MaxBatchBytes);
    private readonly SchemaTable _schemas = new(host);
    private PointDecoder? _points;
    private SchemaDecoder? _schemaDecoder;

    /// <summary>
    /// Decodes a line, point, schema, row, block or event.
    /// Fails: returns the fault; the bytes may just end too early.
    /// </summary>
    public Fault Decode(ReadOnlySpan<byte> bytes, MessageKind message, bool isNested, out int length)
    {
        intake.FaultSamples = 1;
        switch (message)
        {
            case MessageKind.Line:
                return LineDecoder.Decode(bytes, intake, out length);
            case MessageKind.Point:
                return (_points ??= new PointDecoder(intake, host.PointCacheBytes)).Decode(bytes, out length);
            case MessageKind.Row:
                return RowDecoder.DecodeRow(bytes, intake, _schemas, out length);
            case MessageKind.Block:
                return RowDecoder.DecodeBlock(bytes, intake, _schemas, out length);
            case MessageKind.Event:
                return EventDecoder.Decode(bytes, intake, host.Options.MaxMessageBytes, out length);
            default:
                return DecodeSchema(bytes, isNested, out length);
        }
    }

    /// <summary>Decodes one message of a batch, or refuses it. Returns its length; that of all that is left where its end cannot be found.</summary>
    public int DecodeNested(ReadOnlySpan<byte> bytes)
    {
        var message = KindOf(bytes, out _);
        var fault = message switch
        {
            MessageKind.Line or MessageKind.Point or MessageKind.Row or MessageKind.Block or MessageKind.Schema or MessageKind.Event => Fault.None,
            _ => Fault.NotInBatch,
        };
        var length = 0;
        intake.FaultSamples = message is MessageKind.Other ? 1 : 0;
        if (fault == Fault.None) fault = Decode(bytes, message, isNested: true, out length);
        intake.Counters.Messages[(int)message]++;
        return fault == Fault.None ? length : RefuseNestedSlow(bytes, message, fault);
    }

    /// <summary>How a message that could not be decoded goes on: NeedMore, Complete after <paramref name="length"/>, or a fault of its own.</summary>
    public ScanResult Scan(ReadOnlySpan<byte> bytes, bool isNested, out int length)
    {
        var scanner = isNested ? _nestedScanner : _scanner;
        scanner.Reset();
        return scanner.Scan(bytes, out length);
    }

    /// <summary>What the first bytes say. Other: nothing that a client may send, or not enough bytes to know.</summary>
    public static MessageKind KindOf(ReadOnlySpan<byte> bytes, out long op)
    {
        op = -1;
        var reader = new MsgPackReader(bytes);
        if (reader.PeekKind() == MsgPackKind.Map) return MessageKind.Point;
        if (!reader.TryReadArrayHeader(out var elements) || elements == 0) return MessageKind.Other;
        if (reader.PeekKind() == MsgPackKind.String) return MessageKind.Line;
        if (!reader.TryReadInt64(out op)) return MessageKind.Other;
        return op switch
        {
            Op.Hello => MessageKind.Hello,
            Op.Schema => MessageKind.Schema,
            Op.Row => MessageKind.Row,
            Op.Block => MessageKind.Block,
            Op.Batch => MessageKind.Batch,
            Op.Flush => MessageKind.Flush,
            Op.Event => MessageKind.Event,
            Op.Datagram => MessageKind.DatagramHeader,
            _ => MessageKind.Other,
        };
    }

    /// <summary>The end of a datagram, and of the schemas in it.</summary>
    public void ForgetSchemas() => _schemas.Clear();

    public void Dispose()
    {
        _schemas.Dispose();
        _points?.Dispose();
    }

    private Fault DecodeSchema(ReadOnlySpan<byte> bytes, bool isNested, out int length)
    {
        intake.FaultSamples = 0;

        // A declaration registers series as it goes, so it must be known to be whole. Schemas are rare; samples are never scanned beforehand.
        if (Scan(bytes, isNested, out length) != ScanResult.Complete) return Fault.CutShort;
        _schemaDecoder ??= new SchemaDecoder(host, _schemas, kind == SessionKind.Udp);
        return _schemaDecoder.Decode(bytes[..length], intake);
    }

    private int RefuseNestedSlow(ReadOnlySpan<byte> bytes, MessageKind message, Fault fault)
    {
        var result = Scan(bytes, isNested: true, out var length);
        if (result == ScanResult.Complete)
        {
            // A batch is a list of messages: what is none of them does no harm to its neighbours, for its end is known.
            if (message == MessageKind.Other) fault = OtherFault(bytes[..length], isNested: true);
            intake.Reject(fault, intake.FaultSamples);
            return length;
        }

        intake.Reject(MessageGatherer.FaultOf(result), intake.FaultEvents > 0 ? 0 : Math.Max(1, intake.FaultSamples));
        return bytes.Length;
    }

    /// <summary>What is wrong with a whole message that has no kind of its own.</summary>
    public static Fault OtherFault(ReadOnlySpan<byte> message, bool isNested)
    {
        KindOf(message, out var op);
        return op switch
        {
            Op.Ack or Op.Error => Fault.ServerOp,
            >= Op.Count => Fault.OperationUnknown,
            _ => isNested && op >= 0 ? Fault.NotInBatch : Fault.NoKind,
        };
    }
}
