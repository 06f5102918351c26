using DataLayer.Ingest.Records;
using DataLayer.Ingest.Sessions;
using DataLayer.Protocol;
using Xunit;
using static DataLayer.Ingest.Tests.Sessions.SessionFixture;

namespace DataLayer.Ingest.Tests.Sessions;

public sealed class LineDecoderTests
{
    private static readonly long FutureMicros = (long)new SessionOptions().MaxFuture.TotalMicroseconds;

    public static TheoryData<string, Action<MsgPackWriter>, double> Values => new()
    {
        { "float64", writer => writer.Write(1.25), 1.25 },
        { "float32", writer => writer.Write(1.25f), 1.25 },
        { "integer", writer => writer.Write(-7L), -7 },
        { "big integer", writer => writer.Write(ulong.MaxValue), ulong.MaxValue },
        { "true", writer => writer.Write(true), 1 },
        { "false", writer => writer.Write(false), 0 },
    };

    public static TheoryData<string, Action<MsgPackWriter>, int> BadLines => new()
    {
        { "no labels", writer => Elements(writer, w => w.WriteString("m"u8), w => w.WriteNil(), w => w.WriteNil()), 4 },
        { "six elements", writer => Elements(writer, w => w.WriteString("m"u8), Nil, Nil, Nil, Nil, Nil), 4 },
        { "labels a string", writer => Elements(writer, w => w.WriteString("m"u8), w => w.WriteString("x"u8), Nil, One), 4 },
        { "label value a number", writer => Elements(writer, w => w.WriteString("m"u8), w => Map(w, "a", One), Nil, One), 4 },
        { "time a string", writer => Elements(writer, w => w.WriteString("m"u8), Nil, w => w.WriteString("now"u8), One), 4 },
        { "time another extension", writer => Elements(writer, w => w.WriteString("m"u8), Nil, w => w.WriteExtension(5, [0, 0, 0, 1]), One), 4 },
        { "value a string", writer => Elements(writer, w => w.WriteString("m"u8), Nil, Nil, w => w.WriteString("1"u8)), 4 },
        { "quality above 1", writer => Elements(writer, w => w.WriteString("m"u8), Nil, Nil, One, w => w.Write(1.0001)), 4 },
        { "quality below 0", writer => Elements(writer, w => w.WriteString("m"u8), Nil, Nil, One, w => w.Write(-0.0001)), 4 },
        { "quality NaN", writer => Elements(writer, w => w.WriteString("m"u8), Nil, Nil, One, w => w.Write(double.NaN)), 4 },
        { "quality nil", writer => Elements(writer, w => w.WriteString("m"u8), Nil, Nil, One, Nil), 4 },
        { "empty name", writer => Elements(writer, w => w.WriteString(""u8), Nil, Nil, One), 4 },
        { "control character", writer => Elements(writer, w => w.WriteString("a\nb"u8), Nil, Nil, One), 4 },
        { "name not UTF-8", writer => Elements(writer, w => w.WriteString([0xff, 0xfe]), Nil, Nil, One), 4 },
        { "long name", writer => Elements(writer, w => w.WriteString(new string('n', 256)), Nil, Nil, One), 2 },
        { "empty label name", writer => Elements(writer, w => w.WriteString("m"u8), w => Map(w, "", w => w.WriteString("x"u8)), Nil, One), 4 },
        { "long label name", writer => Elements(writer, w => w.WriteString("m"u8), w => Map(w, new string('l', 256), w => w.WriteString("x"u8)), Nil, One), 2 },
        { "long label value", writer => Elements(writer, w => w.WriteString("m"u8), w => Map(w, "l", w => w.WriteString(new string('v', 4097))), Nil, One), 2 },
        { "label not UTF-8", writer => Elements(writer, w => w.WriteString("m"u8), w => Map(w, "l", w => w.WriteString([0xc0, 0x80])), Nil, One), 4 },
        { "label twice", writer => Elements(writer, w => w.WriteString("m"u8), Twice, Nil, One), 4 },
        { "65 labels", writer => Elements(writer, w => w.WriteString("m"u8), w => Many(w, 65), Nil, One), 2 },
        { "before 1970", writer => MessageEncoder.WriteLine(writer, "m", [], -1, 1), 4 },
        { "too far ahead", writer => MessageEncoder.WriteLine(writer, "m", [], Now + FutureMicros + 1, 1), 4 },
        { "far too far ahead", writer => MessageEncoder.WriteLine(writer, "m", [], long.MaxValue, 1), 4 },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void Decode_anyNumber_isStored(string _, Action<MsgPackWriter> value, double expected)
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Encode(writer => Elements(writer, w => w.WriteString("m"u8), Nil, w => w.Write(Now), value)));
        Assert.Equal(expected, Assert.Single(fixture.Sink.Samples).Value);
    }

    [Theory]
    [MemberData(nameof(BadLines))]
    public void Decode_badLine_isRejectedAlone(string _, Action<MsgPackWriter> write, int code)
    {
        using var fixture = new SessionFixture();
        Assert.Equal(SessionStatus.Continue, fixture.Feed(Line("before"), Encode(write), Line("after")));
        Assert.Equal(["before 0 1", "after 0 1"], fixture.Values);
        Assert.Equal([$"error 0 {code}"], fixture.Output.Messages);
        Assert.Contains("(message 2)", fixture.Output.ErrorTexts[0], StringComparison.Ordinal);
        Assert.Equal(3, fixture.Counters.Received);
        Assert.Equal(1, fixture.Counters.Rejected[(int)(code == 2 ? RejectReason.OverLimit : RejectReason.BadContent)]);
    }

    [Fact]
    public void Decode_nilValue_isStaleMarker()
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Line("m", ProtocolLimits.StaleMarker));
        Assert.Equal(RecordLayout.NoSampleBits, Assert.Single(fixture.Sink.Samples).ValueBits);
    }

    [Fact]
    public void Decode_signallingNaN_keepsItsBits()
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Encode(writer => Elements(writer, w => w.WriteString("m"u8), Nil, Nil, w => w.WriteRaw([0xcb, 0x7f, 0xf4, 0, 0, 0, 0, 0, 9]))));
        Assert.Equal(0x7ff4_0000_0000_0009, Assert.Single(fixture.Sink.Samples).ValueBits);
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(0.25f)]
    [InlineData(1f)]
    public void Decode_quality_isStored(float quality)
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Line("x"), Encode(writer => Elements(writer, w => w.WriteString("m"u8), Nil, Nil, One, w => w.Write(quality))));
        Assert.Equal(quality, fixture.Sink.Samples.Last().Quality);
        Assert.Equal(1f, fixture.Sink.Samples.First().Quality);
    }

    [Fact]
    public void Decode_timeAtBothEnds_isAllowed()
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Line("m", 1, -Now), Line("m", 2, FutureMicros));
        Assert.Equal([0, Now + FutureMicros], fixture.Sink.Samples.Select(sample => sample.TimeMicros));
    }

    [Fact]
    public void Decode_nilTime_isArrival()
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Encode(writer => MessageEncoder.WriteLine(writer, "m", [], null, 1)));
        Assert.Equal(Now, Assert.Single(fixture.Sink.Samples).TimeMicros);
    }

    [Theory]
    [InlineData(1_700_000_000L, 0u, 0)]
    [InlineData(1_700_000_000L, 123_456_789u, 123_456)]
    public void Decode_timestamp_isMicroseconds(long seconds, uint nanos, long micros)
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Encode(writer => Elements(writer, w => w.WriteString("m"u8), Nil, w => w.WriteTimestamp(seconds, nanos), One)));
        Assert.Equal((seconds * 1_000_000) + micros, Assert.Single(fixture.Sink.Samples).TimeMicros);
    }

    [Fact]
    public void Decode_longestNameAndLabels_areAllowed()
    {
        using var fixture = new SessionFixture();
        var name = new string('n', 255);
        fixture.Feed(Encode(writer => Elements(writer, w => w.WriteString(name), w => Many(w, 64), Nil, One)), Line(name, 1, 0, (new string('l', 255), new string('v', 4096))));
        Assert.Equal(2, fixture.Sink.Samples.Count());
        Assert.Empty(fixture.Output.Messages);
    }

    [Fact]
    public void Decode_labelsInAnyOrderAndEmptyOnes_areOneSeries()
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Line("m", 1, 0, ("a", "1"), ("b", "2")), Line("m", 2, 0, ("b", "2"), ("c", ""), ("a", "1")));
        fixture.Feed(Line("m", 3, 0, ("b", "2"), ("c", ""), ("a", "1")));
        Assert.Equal(1, fixture.Sink.Registry.Count);
        Assert.Equal(["m{a=\"1\",b=\"2\"} 0 1", "m{a=\"1\",b=\"2\"} 0 2", "m{a=\"1\",b=\"2\"} 0 3"], fixture.Values);
    }

    [Fact]
    public void Decode_seriesOverServerLimit_isRejected()
    {
        using var fixture = new SessionFixture(seriesMax: 1);
        fixture.Feed(Line("a"), Line("b"), Line("a", 2));
        Assert.Equal(["a 0 1", "a 0 2"], fixture.Values);
        Assert.Equal(["error 0 6"], fixture.Output.Messages);
        Assert.Equal(1, fixture.Counters.Rejected[(int)RejectReason.SeriesLimit]);
    }

    [Fact]
    public void Decode_seriesOverAgentLimit_isRejectedForThatAgentAlone()
    {
        using var fixture = new SessionFixture(seriesPerAgentMax: 1);
        fixture.Feed(Hello("one"), Line("a"), Line("b"));
        Assert.Equal(["welcome 0", "error 0 6"], fixture.Output.Messages);
        fixture.Reconnect();
        fixture.Feed(Hello("one"), Line("b"));
        Assert.Equal(["welcome 0", "error 0 6"], fixture.Output.Messages);
        fixture.Reconnect();
        fixture.Feed(Hello("two"), Line("b"));
        Assert.Equal(["welcome 0"], fixture.Output.Messages);
        Assert.Equal(["a 0 1", "b 0 1"], fixture.Values);
    }

    private static void Elements(MsgPackWriter writer, params Action<MsgPackWriter>[] elements)
    {
        writer.WriteArrayHeader(elements.Length);
        foreach (var element in elements) element(writer);
    }

    private static void Nil(MsgPackWriter writer) => writer.WriteNil();

    private static void One(MsgPackWriter writer) => writer.Write(1d);

    private static void Map(MsgPackWriter writer, string key, Action<MsgPackWriter> value)
    {
        writer.WriteMapHeader(1);
        writer.WriteString(key);
        value(writer);
    }

    private static void Twice(MsgPackWriter writer) => MessageEncoder.WriteLabels(writer, Pairs(("a", "1"), ("a", "2")));

    private static void Many(MsgPackWriter writer, int count) =>
        MessageEncoder.WriteLabels(writer, [.. Enumerable.Range(0, count).Select(i => KeyValuePair.Create($"l{i}", "v"))]);
}
