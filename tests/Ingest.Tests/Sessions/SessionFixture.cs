using DataLayer.Ingest.Agents;
using DataLayer.Ingest.Sessions;
using DataLayer.Protocol;
using Xunit;
using Microsoft.Extensions.Time.Testing;

namespace DataLayer.Ingest.Tests.Sessions;

/// <summary>A session over a test sink, fed with messages. Checks the conservation law when it is disposed.</summary>
internal sealed class SessionFixture : IDisposable
{
    /// <summary>2024-01-01T00:00:00Z.</summary>
    public const long Now = 1_704_067_200_000_000;

    public SessionFixture(SessionOptions? options = null, SessionKind kind = SessionKind.Tcp, int seriesMax = 1_000_000, int seriesPerAgentMax = 1_000_000, TokenCheck? tokenCheck = null)
    {
        Sink = new TestSink(seriesMax);
        Agents = new AgentTable(Sink.Definitions);
        Host = new SessionHost(Sink, Agents, options, seriesPerAgentMax, Time, tokenCheck);
        Session = new Session(Host, kind, Output, "test");
    }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UnixEpoch.AddMicroseconds(Now));

    public TestSink Sink { get; }

    public TestOutput Output { get; } = new();

    public AgentTable Agents { get; }

    public SessionHost Host { get; }

    public Session Session { get; private set; }

    public IngestCounters Counters => Session.Counters;

    public string[] Values => [.. Sink.Samples.Select(sample => $"{sample.Series} {sample.TimeMicros - Now} {sample.Value}")];

    public static byte[] Encode(Action<MsgPackWriter> write)
    {
        using var writer = new MsgPackWriter();
        write(writer);
        return writer.Written.ToArray();
    }

    /// <summary>A line of value v at the fixture's time.</summary>
    public static byte[] Line(string name, double value = 1, long offset = 0, params (string Name, string Value)[] labels) =>
        Encode(writer => MessageEncoder.WriteLine(writer, name, Pairs(labels), Now + offset, value));

    /// <summary>An event at the fixture's time; the document is whole MessagePack.</summary>
    public static byte[] Event(byte[] document, string type = "deploy", string source = "ci", long? offset = 0) =>
        Encode(writer => MessageEncoder.WriteEvent(writer, type, source, Now + offset, document));

    public static byte[] Schema(long number, params string[] names) => Encode(writer =>
    {
        MessageEncoder.WriteSchemaHeader(writer, number, [], names.Length);
        foreach (var name in names) MessageEncoder.WriteSeries(writer, name, []);
    });

    public static byte[] Row(long schema, params double[] values) => Encode(writer => MessageEncoder.WriteRow(writer, schema, Now, values));

    public static byte[] Hello(string? agent = null, string? token = null, AckMode? ack = null) => Encode(writer => MessageEncoder.WriteHello(writer, agent, token, ack));

    public static byte[] Batch(long seq, params byte[][] messages)
    {
        var raw = Join(messages);
        return Encode(writer => MessageEncoder.WriteBatch(writer, seq, BatchCodec.None, raw.Length, raw));
    }

    public static byte[] Flush(long number) => Encode(writer => MessageEncoder.WriteFlush(writer, number));

    public static byte[] Join(params byte[][] messages) => [.. messages.SelectMany(message => message)];

    public static KeyValuePair<string, string>[] Pairs(params (string Name, string Value)[] labels) =>
        [.. labels.Select(label => KeyValuePair.Create(label.Name, label.Value))];

    /// <summary>Ends the session, and begins another one as the same peer would.</summary>
    public void Reconnect(SessionKind kind = SessionKind.Tcp)
    {
        Session.Dispose();
        Output.Messages.Clear();
        Session = new Session(Host, kind, Output, "test");
    }

    /// <summary>Feeds whole messages as one read, and ends the read.</summary>
    public SessionStatus Feed(params byte[][] messages)
    {
        var bytes = Join(messages);
        var status = Session.Consume(bytes, out var consumed);
        if (status != SessionStatus.Continue) return status;
        Assert.Equal(bytes.Length, consumed);
        return Session.FinishInput();
    }

    /// <summary>Feeds bytes in pieces of the given lengths (the last one for ever), each as one read.</summary>
    public SessionStatus FeedSplit(byte[] bytes, params int[] lengths)
    {
        var at = 0;
        for (var i = 0; at < bytes.Length; i++)
        {
            var length = Math.Min(bytes.Length - at, Math.Max(1, lengths[Math.Min(i, lengths.Length - 1)]));
            var status = Session.Consume(bytes.AsSpan(at, length), out var consumed);
            if (status == SessionStatus.Continue) status = Session.FinishInput();
            if (status != SessionStatus.Continue) return status;
            Assert.Equal(length, consumed);
            at += length;
        }

        return SessionStatus.Continue;
    }

    public void Dispose()
    {
        Session.Dispose();
        var total = Host.Total();
        Assert.Equal(total.Received, total.Published + total.RejectedTotal + total.DroppedTotal);
        Assert.Equal(total.Published, Sink.Published);
        Assert.Equal(total.EventsReceived, total.EventsPublished + total.EventsRejectedTotal + total.EventsDroppedTotal);
        Assert.Equal(total.EventsPublished, Sink.PublishedEvents);
        Assert.Equal(0, Sink.Rented);
        Assert.Equal(0, Host.LiveSessions);
        Assert.Equal(0, Host.Schemas.Used);
        Assert.Equal(0, Host.SchemaBytes.Used);
        Assert.Equal(0, Host.GatheredBytes.Used);
        Assert.Equal(0, Host.PointCacheBytes.Used);
    }
}
