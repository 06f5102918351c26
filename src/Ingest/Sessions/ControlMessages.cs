using System.Text;
using DataLayer.Protocol;

namespace DataLayer.Ingest.Sessions;

/// <summary>The messages that carry no samples: hello, flush, datagram header; and those that are refused in any case. Owned by a session.</summary>
internal sealed class ControlMessages(SessionHost host, SessionKind kind, Intake intake, Outbox outbox, RecordPublisher publisher)
{
    private readonly SourceTable? _sources = kind == SessionKind.Udp ? new SourceTable(host.Options.MaxUdpSources, intake.Counters) : null;
    private long _helloDueMicros = host.Options.RequireToken && kind != SessionKind.Udp ? host.NowMicros() + (long)host.Options.HelloTimeout.TotalMicroseconds : 0;
    private bool _saidHello;

    /// <summary>Until when a hello must be there; 0: it need not, or is. Thread: any.</summary>
    public long HelloDueMicros => Volatile.Read(ref _helloDueMicros);

    public bool IsHelloDue => _helloDueMicros != 0;

    /// <summary>The message at hand begins its datagram.</summary>
    public bool IsFirstInDatagram { get; set; }

    /// <summary>Handles a message that carries no samples. Fails: returns the fault; the bytes may just end too early.</summary>
    public Fault Handle(ReadOnlySpan<byte> bytes, MessageKind message, out int taken)
    {
        taken = 0;
        intake.FaultSamples = message is MessageKind.Other ? 1 : 0;
        return message switch
        {
            MessageKind.Hello => HandleHello(bytes, out taken),
            MessageKind.Flush => HandleFlush(bytes, out taken),
            MessageKind.DatagramHeader => HandleDatagramHeader(bytes, out taken),
            _ => MessageDecoder.OtherFault(bytes, isNested: false),
        };
    }

    private Fault HandleFlush(ReadOnlySpan<byte> bytes, out int taken)
    {
        taken = 0;
        var reader = new MsgPackReader(bytes);
        if (!reader.TryReadArrayHeader(out var elements) || elements != 2 || !reader.TryReadInt64(out _) || !reader.TryReadInt64(out var number)) return Fault.OperationShape;
        taken = reader.Position;
        if (kind == SessionKind.Udp) intake.Counters.DatagramMessagesIgnored++;
        else if (outbox.IsFull) return Fault.FlushesWaiting;
        else outbox.Ack(publisher.LastLsn, number, isFlush: true, null);
        return Fault.None;
    }

    private Fault HandleDatagramHeader(ReadOnlySpan<byte> bytes, out int taken)
    {
        taken = 0;
        var reader = new MsgPackReader(bytes);
        if (!reader.TryReadArrayHeader(out var elements) || elements != 3 || !reader.TryReadInt64(out _)) return Fault.OperationShape;
        if (!reader.TryReadString(out var source) || !reader.TryReadUInt64(out var number)) return Fault.OperationShape;
        if (_sources is null || !IsFirstInDatagram) return Fault.HeaderOutsideDatagram;
        taken = reader.Position;
        _sources.OnDatagram(source, number);
        return Fault.None;
    }

    private Fault HandleHello(ReadOnlySpan<byte> bytes, out int taken)
    {
        taken = 0;
        var reader = new MsgPackReader(bytes);
        if (!reader.TryReadArrayHeader(out var elements) || elements != 2 || !reader.TryReadInt64(out _)) return Fault.OperationShape;
        if (!TryReadHello(ref reader, out var hello)) return Fault.OperationShape;
        if (kind == SessionKind.Udp)
        {
            taken = reader.Position;
            intake.Counters.DatagramMessagesIgnored++;
            return Fault.None;
        }

        var fault = Judge(hello);
        if (fault != Fault.None) return fault;
        taken = reader.Position;
        Welcome(hello);
        return Fault.None;
    }

    private static bool TryReadHello(ref MsgPackReader reader, out Hello hello)
    {
        hello = default;
        if (!reader.TryReadMapHeader(out var pairs)) return false;
        for (; pairs > 0; pairs--)
        {
            if (!reader.TryReadString(out var key)) return false;
            var isRead = key switch
            {
                _ when key.SequenceEqual("v"u8) => reader.TryReadInt64(out hello.Version),
                _ when key.SequenceEqual("agent"u8) => reader.TryReadNil() || (reader.TryReadString(out hello.Agent) && !hello.Agent.IsEmpty),
                _ when key.SequenceEqual("token"u8) => reader.TryReadNil() || reader.TryReadString(out hello.Token),
                _ when key.SequenceEqual("ack"u8) => reader.TryReadString(out hello.Ack),
                _ => reader.TrySkip(ProtocolLimits.MaxDepth - 2),
            };
            if (!isRead) return false;
        }

        return true;
    }

    private Fault Judge(in Hello hello)
    {
        if (_saidHello) return Fault.HelloTwice;
        if (hello.Version != ProtocolLimits.Version) return Fault.VersionUnknown;
        if (!hello.Ack.IsEmpty && !hello.Ack.SequenceEqual("durable"u8) && !hello.Ack.SequenceEqual("memory"u8)) return Fault.OperationShape;
        if (!hello.Agent.IsEmpty && SeriesKey.CheckName(hello.Agent) != SeriesKeyStatus.Ok) return Fault.AgentName;
        return host.TokenCheck(Encoding.UTF8.GetString(hello.Agent), Encoding.UTF8.GetString(hello.Token)) ? Fault.None : Fault.NotAllowed;
    }

    private void Welcome(in Hello hello)
    {
        _saidHello = true;
        Volatile.Write(ref _helloDueMicros, 0);
        if (hello.Ack.SequenceEqual("memory"u8)) outbox.SetMode(AckMode.Memory);
        long lastSeq = 0;
        if (!hello.Agent.IsEmpty)
        {
            var agent = host.Agents.GetOrAdd(Encoding.UTF8.GetString(hello.Agent));
            intake.Agent = agent;
            lock (agent.Admitting) lastSeq = agent.DurableSeq(host.Sink.DurableLsn);
        }

        outbox.SendWelcome(host.Options.ServerName, lastSeq, host.Options.MaxMessageBytes, host.Options.MaxBatchBytes, intake.ArrivalMicros);
    }

    private ref struct Hello
    {
        public long Version;
        public ReadOnlySpan<byte> Agent;
        public ReadOnlySpan<byte> Token;
        public ReadOnlySpan<byte> Ack;
    }
}
