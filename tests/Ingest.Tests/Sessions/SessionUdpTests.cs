using DataLayer.Ingest.Sessions;
using DataLayer.Protocol;
using Xunit;
using static DataLayer.Ingest.Tests.Sessions.SessionFixture;

namespace DataLayer.Ingest.Tests.Sessions;

/// <summary>Datagrams: good messages are kept, bad ones counted, nothing is ever answered.</summary>
public sealed class SessionUdpTests
{
    [Fact]
    public void ConsumeDatagram_goodMessages_arePublished()
    {
        using var fixture = new SessionFixture(kind: SessionKind.Udp);
        Feed(fixture, Join(Header("s", 1), Line("a"), Batch(0, Line("b")), Schema(1, "c"), Row(1, 5)), Line("d"));
        Assert.Equal(["a 0 1", "b 0 1", "c 0 5", "d 0 1"], fixture.Values);
        Assert.Equal(2, fixture.Counters.Datagrams);
    }

    [Fact]
    public void ConsumeDatagram_badMessage_keepsTheGoodOnes()
    {
        using var fixture = new SessionFixture(kind: SessionKind.Udp);
        Feed(fixture, Join(Line("a"), Line(string.Empty), Line("b")), Join(Line("c"), [0xc1], Line("lost")), Join(Line("d"), Line("cut")[..^3]), Join(Line("e"), [5], Line("lost")));
        Assert.Equal(["a 0 1", "b 0 1", "c 0 1", "d 0 1", "e 0 1"], fixture.Values);
        Assert.Equal(3, fixture.Counters.Rejected[(int)RejectReason.Malformed]);
        Assert.Equal(1, fixture.Counters.Rejected[(int)RejectReason.BadContent]);
        Assert.Empty(fixture.Output.Messages);
    }

    [Fact]
    public void ConsumeDatagram_operationsThatAskForAnswers_areIgnoredAndCounted()
    {
        using var fixture = new SessionFixture(kind: SessionKind.Udp);
        Feed(fixture, Join(Hello("a"), Batch(3, Line("x")), Flush(1), Line("m")));
        Assert.Equal(["m 0 1"], fixture.Values);
        Assert.Equal(3, fixture.Counters.DatagramMessagesIgnored);
        Assert.Equal(0, fixture.Output.Sends);
    }

    [Fact]
    public void ConsumeDatagram_schema_livesAsLongAsTheDatagram()
    {
        using var fixture = new SessionFixture(kind: SessionKind.Udp);
        Feed(fixture, Schema(1, "a"), Row(1, 5));
        Assert.Empty(fixture.Values);
        Assert.Equal(1, fixture.Counters.Rejected[(int)RejectReason.BadSchema]);
    }

    [Fact]
    public void FinishDatagrams_ringFull_dropsAndCounts()
    {
        using var fixture = new SessionFixture(kind: SessionKind.Udp);
        fixture.Sink.Room = 0;
        Feed(fixture, Join(Line("a"), Line("b")));
        fixture.Sink.Room = 1;
        Feed(fixture, Line("c"));
        Assert.Equal(["c 0 1"], fixture.Values);
        Assert.Equal(2, fixture.Counters.Dropped[(int)DropReason.UdpRingFull]);
    }

    [Fact]
    public void FinishDatagrams_storageFull_rejectsInSilence()
    {
        using var fixture = new SessionFixture(kind: SessionKind.Udp);
        fixture.Sink.Admission = Admission.StorageFull;
        Feed(fixture, Line("a"), Batch(0, Line("b")));
        Assert.Equal(1, fixture.Counters.Rejected[(int)RejectReason.StorageFull]);
        Assert.Equal(1, fixture.Counters.BatchesRejected[(int)RejectReason.StorageFull]);
        Assert.Equal(0, fixture.Output.Sends);
    }

    [Theory]
    [InlineData(new ulong[] { 1, 2, 3 }, 0, 0, 0)]
    [InlineData(new ulong[] { 1, 4 }, 2, 0, 0)]
    [InlineData(new ulong[] { 1, 3, 2 }, 0, 0, 1)]
    [InlineData(new ulong[] { 1, 2, 2, 2 }, 0, 2, 0)]
    [InlineData(new ulong[] { 1, 3, 2, 2 }, 0, 1, 1)]
    [InlineData(new ulong[] { 5, 4, 6 }, 0, 0, 1)]
    [InlineData(new ulong[] { 1000, 1, 2, 3 }, 0, 0, 0)]
    [InlineData(new ulong[] { 1000, 500, 501, 502 }, 0, 0, 1)]
    [InlineData(new ulong[] { 1000, 500, 1001 }, 0, 0, 1)]
    [InlineData(new ulong[] { 1, 66, 2, 3 }, 63, 0, 2)]
    [InlineData(new ulong[] { 1, 65, 2 }, 62, 0, 1)]
    [InlineData(new ulong[] { 1, 5_000_000 }, 0, 0, 0)]
    [InlineData(new ulong[] { ulong.MaxValue, 0, 1 }, 0, 0, 0)]
    public void Header_numbers_tellGapsDuplicatesAndOrder(ulong[] numbers, int missing, int duplicate, int reordered)
    {
        using var fixture = new SessionFixture(kind: SessionKind.Udp);
        Feed(fixture, [.. numbers.Select(number => Header("s", number))]);
        var counters = fixture.Counters;
        Assert.Equal((missing, duplicate, reordered), (counters.DatagramsMissing, counters.DatagramsDuplicate, counters.DatagramsReordered));
    }

    [Fact]
    public void Header_sources_areCountedEach()
    {
        using var fixture = new SessionFixture(new SessionOptions { MaxUdpSources = 2 }, SessionKind.Udp);
        Feed(fixture, Header("a", 1), Header("b", 10), Header("a", 2), Header("b", 12));
        Assert.Equal(1, fixture.Counters.DatagramsMissing);
        Feed(fixture, Header("c", 1), Header("a", 9));
        Assert.Equal(1, fixture.Counters.DatagramsMissing);
    }

    [Fact]
    public void Header_notFirst_isABadMessage()
    {
        using var fixture = new SessionFixture(kind: SessionKind.Udp);
        Feed(fixture, Join(Line("a"), Header("s", 1), Line("b")));
        Assert.Equal(1, fixture.Counters.Faults);
        Assert.Equal(["a 0 1", "b 0 1"], fixture.Values);
    }

    private static byte[] Header(string source, ulong number) => Encode(writer =>
    {
        writer.WriteArrayHeader(3);
        writer.Write(7);
        writer.WriteString(source);
        writer.Write(number);
    });

    private static void Feed(SessionFixture fixture, params byte[][] datagrams)
    {
        foreach (var datagram in datagrams) fixture.Session.ConsumeDatagram(datagram);
        fixture.Session.FinishDatagrams();
    }
}
