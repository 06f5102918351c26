using DataLayer.Ingest.Sessions;
using DataLayer.Protocol;
using Xunit;
using static DataLayer.Ingest.Tests.Sessions.SessionFixture;

namespace DataLayer.Ingest.Tests.Sessions;

public sealed class EventDecoderTests
{
    [Fact]
    public void Decode_event_keepsTheDocumentAsItCame()
    {
        using var fixture = new SessionFixture();
        byte[] document = [0x83, 0xa1, (byte)'a', 0x93, 1, 0xc0, 0xc4, 2, 0xff, 0xfe, 0x05, 0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0, 0xa2, (byte)'i', (byte)'d', 0xa2, (byte)'e', (byte)'1'];
        fixture.Feed(Event(document, "deploy", "ci", 5), Flush(1));
        Assert.Equal(new PublishedEvent("e1", "deploy", "ci", Now + 5, Convert.ToHexString(document)), Assert.Single(fixture.Sink.Events));
        Assert.Equal(["ack 1"], fixture.Output.Messages);
        Assert.Equal((1, 1, 0), (fixture.Counters.EventsReceived, fixture.Counters.EventsPublished, fixture.Counters.Received));
    }

    [Theory]
    [InlineData(new byte[] { 0x07 }, "7")]
    [InlineData(new byte[] { 0xff }, "-1")]
    [InlineData(new byte[] { 0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }, "18446744073709551615")]
    [InlineData(new byte[] { 0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0 }, "1.5")]
    [InlineData(new byte[] { 0xa1, 0x78 }, "x")]
    public void Decode_idOfTheMap_isTextOrNumber(byte[] id, string expected)
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Event([0x81, 0xa2, (byte)'i', (byte)'d', .. id]));
        Assert.Equal(expected, Assert.Single(fixture.Sink.Events).Id);
    }

    [Theory]
    [InlineData(new byte[] { 0xa0 })]
    [InlineData(new byte[] { 0xa1, 0x0a })]
    [InlineData(new byte[] { 0xc3 })]
    [InlineData(new byte[] { 0x90 })]
    [InlineData(new byte[] { 0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0 })]
    public void Decode_otherId_isError4(byte[] id)
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Event([0x81, 0xa2, (byte)'i', (byte)'d', .. id]), Line("after"));
        Assert.Equal(["error 0 4"], fixture.Output.Messages);
        Assert.Equal(["after 0 1"], fixture.Values);
        Assert.Equal((1, 1, 1), (fixture.Counters.EventsReceived, fixture.Counters.EventsRejected[(int)RejectReason.BadContent], fixture.Counters.Received));
    }

    [Fact]
    public void Decode_withoutId_makesOneForEach()
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Event([0x80]), Event([0x81, 0xa2, (byte)'i', (byte)'d', 0xc0]), Event([0x81, 0x05, 0xa2, (byte)'i', (byte)'d']));
        Assert.Equal(3, fixture.Sink.Events.Select(made => Guid.Parse(made.Id)).Distinct().Count());
    }

    [Fact]
    public void Decode_timeNil_isTheArrival()
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Event([0x80], offset: null));
        Assert.Equal(Now, Assert.Single(fixture.Sink.Events).TimeMicros);
    }

    [Fact]
    public void Decode_wrongOnes_areRefusedAloneAndCountedApart()
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Batch(
            1, Event([0x80], type: ""), Event([0x80], source: "a\n"), Event([0x90]), Event([0x80], offset: 7_200_000_000), [0x92, 6, 0xa1, 0x61], Event([0x80], source: ""), Line("a")));
        Assert.Equal(["error 1 4", "error 1 4", "error 1 4", "ack 1"], fixture.Output.Messages);
        Assert.Single(fixture.Sink.Events);
        Assert.Equal((6, 5, 1), (fixture.Counters.EventsReceived, fixture.Counters.EventsRejectedTotal, fixture.Counters.Received));
    }

    [Fact]
    public void Decode_documentInABatchBeyondMaxMessage_isError2AndHarmsNoNeighbour()
    {
        using var fixture = new SessionFixture(new SessionOptions { MaxMessageBytes = 4096 });
        var large = Encode(writer => writer.WriteBinary(new byte[5000]));
        var raw = Join(Event([0x81, 0xa1, (byte)'x', .. large]), Line("a"));
        using var compressor = new ZstdSharp.Compressor(1);
        var packed = compressor.Wrap(raw).ToArray();
        fixture.Feed(Encode(writer => MessageEncoder.WriteBatch(writer, 1, BatchCodec.Zstd, raw.Length, packed)));
        Assert.Equal(["error 1 2", "ack 1"], fixture.Output.Messages);
        Assert.Equal(["a 0 1"], fixture.Values);
    }

    [Fact]
    public void Decode_nestedTooDeep_isError2AndCloses()
    {
        using var fixture = new SessionFixture();
        byte[] deep = [0x81, 0xa1, (byte)'x', .. Enumerable.Repeat((byte)0x91, ProtocolLimits.MaxDepth), 0xc0];
        Assert.Equal(SessionStatus.Closed, fixture.Feed(Event(deep)));
        Assert.Equal(["error 0 2"], fixture.Output.Messages);
        Assert.Equal((1, 0), (fixture.Counters.EventsReceived, fixture.Counters.Received));
    }

    [Fact]
    public void Decode_inDatagrams_isStored()
    {
        using var fixture = new SessionFixture(kind: SessionKind.Udp);
        fixture.Session.ConsumeDatagram(Join(Event([0x80]), Line("a"), Event([0x90])));
        fixture.Session.FinishDatagrams();
        Assert.Single(fixture.Sink.Events);
        Assert.Equal(["a 0 1"], fixture.Values);
        Assert.Equal((2, 1), (fixture.Counters.EventsReceived, fixture.Counters.EventsRejectedTotal));
    }
}
