using CsCheck;
using DataLayer.Ingest.Sessions;
using DataLayer.Protocol;
using Xunit;
using static DataLayer.Ingest.Tests.Sessions.SessionFixture;

namespace DataLayer.Ingest.Tests.Sessions;

/// <summary>Messages in any pieces, limits of size, broken bytes.</summary>
public sealed class SessionSplitTests
{
    private static readonly byte[] Everything = Join(
        Hello("agent"),
        Line("cpu", 1.5, 1, ("host", "a"), ("core", "0")),
        Encode(writer => MessageEncoder.WritePoint(writer, "disk", Pairs(("path", "/")), Now + 2, [KeyValuePair.Create("free", 2d), KeyValuePair.Create("value", 3d)])),
        Schema(1, "a", "b", "c"),
        Row(1, 1, ProtocolLimits.StaleMarker, 3),
        Line(string.Empty),
        Encode(writer => MessageEncoder.WriteBlock(writer, 1, [Now + 5, Now + 6], [1, 2, 3, 4, 5, 6])),
        Batch(1, Line("in"), Schema(2, "d"), Row(2, 7), Line(string.Empty), Row(1, 8, 9, 10)),
        Row(2, 11),
        Flush(5),
        Batch(1, Line("again")),
        Row(77, 1, 2),
        Batch(2, Line("in", 2)),
        Line("last", 3, 4));

    [Fact]
    public void Consume_anySplit_givesTheSame()
    {
        var (samples, answers) = Run([Everything.Length]);
        Assert.Equal(19, samples.Length);
        Gen.Int[1, 60].Array[1, 40].Sample(lengths =>
        {
            var split = Run(lengths);
            Assert.Equal(samples, split.Samples);
            Assert.Equal(answers, split.Answers);
        });
    }

    [Fact]
    public void Consume_byteByByte_givesTheSame()
    {
        Assert.Equal(Run([Everything.Length]).Samples, Run([1]).Samples);
        Assert.Equal(Run([Everything.Length]).Answers, Run([1]).Answers);
    }

    [Fact]
    public void Consume_anyBytes_neverThrowsAndKeepsTheLaw()
    {
        // A change of a few bytes gets further into the decoders than noise does. The fixture checks the law and the budgets.
        var gen = Gen.Select(Gen.Int[0, Everything.Length - 1], Gen.Byte).Array[1, 6];
        Gen.Select(gen, Gen.Int[1, 400].Array[1, 10]).Sample((changes, lengths) =>
        {
            var bytes = Everything.ToArray();
            foreach (var (at, value) in changes) bytes[at] = value;
            Feed(SessionKind.Tcp, bytes, lengths);
            Feed(SessionKind.Udp, bytes, lengths);
        }, iter: 3000);
    }

    [Fact]
    public void Consume_noise_neverThrowsAndKeepsTheLaw()
    {
        Gen.Select(Gen.Byte.Array[0, 300], Gen.Int[1, 50].Array[1, 5]).Sample((bytes, lengths) =>
        {
            Feed(SessionKind.Tcp, bytes, lengths);
            Feed(SessionKind.Udp, bytes, lengths);
            Feed(SessionKind.Tcp, Batch(1, bytes), lengths);
        }, iter: 3000);
    }

    [Theory]
    [InlineData(new byte[] { 5 })]
    [InlineData(new byte[] { 0xc0 })]
    [InlineData(new byte[] { 0x90 })]
    [InlineData(new byte[] { 0x91, 0xc0 })]
    [InlineData(new byte[] { 0xa3, 1, 2, 3 })]
    [InlineData(new byte[] { 0xc1 })]
    [InlineData(new byte[] { 0x93, 0xa1, 0x61, 0xc1 })]
    [InlineData(new byte[] { 0x92, 8, 1 })]
    [InlineData(new byte[] { 0x94, 9, 0, 1, 0xa0 })]
    public void Consume_noMessage_closesAndKeepsWhatCameBefore(byte[] bytes)
    {
        foreach (var pieces in new[] { 1, 1000 })
        {
            using var fixture = new SessionFixture();
            Assert.Equal(SessionStatus.Closed, fixture.FeedSplit(Join(Line("a"), bytes, Line("b")), pieces));
            Assert.Equal(["a 0 1"], fixture.Values);
            Assert.Equal(["error 0 1"], fixture.Output.Messages);
            Assert.Equal(1, fixture.Counters.Rejected[(int)RejectReason.Malformed]);
        }
    }

    [Fact]
    public void Consume_unknownOperation_isError9AndGoesOn()
    {
        using var fixture = new SessionFixture();
        Assert.Equal(SessionStatus.Continue, fixture.Feed([0x92, 42, 1], Line("b")));
        Assert.Equal(["error 0 9"], fixture.Output.Messages);
        Assert.Equal(["b 0 1"], fixture.Values);
    }

    [Theory]
    [InlineData(200, 0)]
    [InlineData(201, 1)]
    public void Consume_messageAtBothSidesOfTheLimit(int length, int errors)
    {
        foreach (var pieces in new[] { 1, 7, 1000 })
        {
            using var fixture = new SessionFixture(new SessionOptions { MaxMessageBytes = 200 });
            var line = Line("m", 1, 0, ("l", new string('v', length - Line("m", 1, 0, ("l", new string('v', 100))).Length + 100)));
            Assert.Equal(length, line.Length);
            Assert.Equal(errors == 0 ? SessionStatus.Continue : SessionStatus.Closed, fixture.FeedSplit(Join(line, Line("n")), pieces));
            Assert.Equal(Enumerable.Repeat("error 0 2", errors), fixture.Output.Messages);
        }
    }

    [Fact]
    public void Consume_hugeDeclaredLength_closesAtOnce()
    {
        using var fixture = new SessionFixture();
        Assert.Equal(SessionStatus.Closed, fixture.Feed([0x95, 4, 1, 0, 1, 0xc6, 0x7f, 0xff, 0xff, 0xff]));
        Assert.Equal(["error 0 2"], fixture.Output.Messages);
    }

    [Theory]
    [InlineData(15, "")]
    [InlineData(16, "error 0 2")]
    public void Consume_depthAtBothSidesOfTheLimit(int below, string answer)
    {
        using var fixture = new SessionFixture();
        byte[] nested = [.. Enumerable.Repeat((byte)0x91, below), 0xc0];
        var status = fixture.Feed(Join([0x83, 0xa1, (byte)'x'], nested, [0xa4], "name"u8.ToArray(), [0xa1, (byte)'m', 0xa6], "fields"u8.ToArray(), [0x81, 0xa1, (byte)'f', 1]));
        Assert.Equal(answer.Length == 0 ? [] : [answer], fixture.Output.Messages);
        Assert.Equal(answer.Length == 0 ? SessionStatus.Continue : SessionStatus.Closed, status);
        Assert.Equal(answer.Length == 0 ? ["m_f 0 1"] : [], fixture.Values);
    }

    [Fact]
    public void Consume_largeBatchInPieces_isCopiedOnce()
    {
        using var fixture = new SessionFixture();
        fixture.Sink.IsNull = true;
        var batch = Batch(1, [.. Enumerable.Range(0, 200_000).Select(i => Line("m", i, i))]);
        fixture.FeedSplit(batch, 100, 16_384);
        Assert.Equal(["ack 1"], fixture.Output.Messages);
        Assert.Equal(200_000, fixture.Sink.Published);
        Assert.Equal(0, fixture.Host.GatheredBytes.Used);
    }

    [Fact]
    public void Consume_gatherBudgetUsedUp_isError7AndCloses()
    {
        using var fixture = new SessionFixture(new SessionOptions { MaxGatheredBytes = 100_000 });
        var status = fixture.FeedSplit(Batch(1, [.. Enumerable.Range(0, 20_000).Select(i => Line("m", i))]), 10_000);
        Assert.Equal(SessionStatus.Closed, status);
        Assert.Equal(["error 0 7"], fixture.Output.Messages);
        Assert.Equal(0, fixture.Host.GatheredBytes.Used);
    }

    [Fact]
    public void UnfinishedSince_isWhenTheLastByteCame()
    {
        using var fixture = new SessionFixture();
        var line = Line("m");
        Assert.Null(fixture.Session.UnfinishedSince);
        fixture.Feed(line[..3]);
        Assert.Equal(fixture.Time.GetUtcNow(), fixture.Session.UnfinishedSince);
        fixture.Time.Advance(TimeSpan.FromSeconds(5));
        fixture.Feed(line[3..5]);
        Assert.Equal(fixture.Time.GetUtcNow(), fixture.Session.UnfinishedSince);
        fixture.Feed(line[5..]);
        Assert.Null(fixture.Session.UnfinishedSince);
    }

    [Fact]
    public void EndInput_insideAMessage_isError1()
    {
        using var fixture = new SessionFixture(kind: SessionKind.Http);
        fixture.Feed(Line("a"), Line("b")[..^1]);
        Assert.Equal(SessionStatus.Closed, fixture.Session.EndInput());
        Assert.Equal(["error 0 1"], fixture.Output.Messages);
        Assert.Equal(["a 0 1"], fixture.Values);
    }

    [Fact]
    public void EndInput_betweenMessages_isFine()
    {
        using var fixture = new SessionFixture(kind: SessionKind.Http);
        fixture.Feed(Line("a"));
        Assert.Equal(SessionStatus.Continue, fixture.Session.EndInput());
        Assert.Empty(fixture.Output.Messages);
    }

    private static (PublishedSample[] Samples, string[] Answers) Run(int[] lengths)
    {
        using var fixture = new SessionFixture();
        Assert.Equal(SessionStatus.Continue, fixture.FeedSplit(Everything, lengths));

        // How often an error outside batches is told depends on the reads; that it is told does not. The last ack of a row of them speaks for all.
        return ([.. fixture.Sink.Samples], [.. fixture.Output.Messages.Distinct().Order()]);
    }

    private static void Feed(SessionKind kind, byte[] bytes, int[] lengths)
    {
        using var fixture = new SessionFixture(kind: kind);
        if (kind != SessionKind.Udp)
        {
            if (fixture.FeedSplit(bytes, lengths) == SessionStatus.Continue) fixture.Session.EndInput();
            return;
        }

        for (var (at, i) = (0, 0); at < bytes.Length; i++)
        {
            var length = Math.Min(bytes.Length - at, lengths[i % lengths.Length]);
            fixture.Session.ConsumeDatagram(bytes.AsSpan(at, length));
            fixture.Session.FinishDatagrams();
            at += length;
        }
    }
}
