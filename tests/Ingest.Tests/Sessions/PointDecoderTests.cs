using CsCheck;
using DataLayer.Ingest.Sessions;
using DataLayer.Protocol;
using Xunit;
using static DataLayer.Ingest.Tests.Sessions.SessionFixture;

namespace DataLayer.Ingest.Tests.Sessions;

public sealed class PointDecoderTests
{
    private static readonly string[] Keys = ["name", "time", "tags", "fields", "more"];

    [Fact]
    public void Decode_keysInAnyOrder_giveTheSame()
    {
        Gen.Shuffle(Keys).Sample(order =>
        {
            using var fixture = new SessionFixture();
            fixture.Feed(Point("m", [("h", "1")], [("a", 1d), ("b", 2d)], order), Point("m", [("h", "1")], [("b", 3d), ("a", 4d)], order));
            Assert.Equal(["m_a{h=\"1\"} 5 1", "m_b{h=\"1\"} 5 2", "m_b{h=\"1\"} 5 3", "m_a{h=\"1\"} 5 4"], fixture.Values);
        });
    }

    [Fact]
    public void Decode_randomPoints_agreeWithLines()
    {
        // The cache predicts what comes next; whatever comes, the series must be those of the names.
        var gen = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3], Gen.Shuffle(Enumerable.Range(0, 6).ToArray()), Gen.Int[0, 6], Gen.Shuffle(Keys));
        gen.Array[1, 60].Sample(points =>
        {
            using var fixture = new SessionFixture();
            var expected = new List<string>();
            foreach (var (name, tag, fields, count, order) in points)
            {
                var kept = fields.Take(count).ToArray();
                fixture.Feed(Point($"m{name}", [("t", $"{tag}")], [.. kept.Select(field => ($"f{field}", (object)(double)field))], order));
                expected.AddRange(kept.Select(field => $"m{name}_f{field}{{t=\"{tag}\"}} 5 {field}"));
            }

            Assert.Equal(expected, fixture.Values);
        });
    }

    [Fact]
    public void Decode_fieldsThatAreNoNumbers_areSkippedAndCounted()
    {
        using var fixture = new SessionFixture();
        for (var i = 0; i < 3; i++) fixture.Feed(Point("m", [], [("s", "text"), ("b", true), ("n", null), ("i", 7L), ("v", 1d)], Keys));
        Assert.Equal(6, fixture.Counters.SkippedFields);
        Assert.Equal(9, fixture.Counters.Received);
        Assert.Equal(["m_b 5 1", "m_i 5 7", "m_v 5 1"], fixture.Values.Take(3));
        Assert.Equal(3, fixture.Sink.Registry.Count);
        Assert.Empty(fixture.Output.Messages);
    }

    [Fact]
    public void Decode_fieldThatTurnsNumeric_becomesSeries()
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Point("m", [], [("a", "none"), ("b", 1d)], Keys), Point("m", [], [("a", 2d), ("b", 3d)], Keys), Point("m", [], [("a", 4d), ("b", "x")], Keys));
        Assert.Equal(["m_b 5 1", "m_a 5 2", "m_b 5 3", "m_a 5 4"], fixture.Values);
    }

    [Fact]
    public void Decode_badField_isRejectedAlone()
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Point("m", [], [("a", 1d), (new string('x', 300), 2d), (string.Empty, 3d), ("b", 4d)], Keys));
        Assert.Equal(["m_a 5 1", "m_b 5 4"], fixture.Values);
        Assert.Equal(["error 0 4", "error 0 2"], fixture.Output.Messages);
        Assert.Equal(4, fixture.Counters.Received);
    }

    [Fact]
    public void Decode_seriesLimit_rejectsTheFieldsBeyond()
    {
        using var fixture = new SessionFixture(seriesMax: 1);
        fixture.Feed(Point("m", [], [("a", 1d), ("b", 2d), ("c", 3d)], Keys));
        Assert.Equal(["m_a 5 1"], fixture.Values);
        Assert.Equal(["error 0 6"], fixture.Output.Messages);
        Assert.Equal(2, fixture.Counters.Rejected[(int)RejectReason.SeriesLimit]);
    }

    [Fact]
    public void Decode_timeOutOfRange_rejectsEachField()
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Encode(writer => MessageEncoder.WritePoint(writer, "m", [], -5, [KeyValuePair.Create("a", 1d), KeyValuePair.Create("b", 1d)])));
        Assert.Empty(fixture.Values);
        Assert.Equal(2, fixture.Counters.Rejected[(int)RejectReason.BadContent]);
        Assert.Equal(["error 0 4"], fixture.Output.Messages);
    }

    [Theory]
    [InlineData("time", "tags", "fields")]
    [InlineData("name", "time", "tags")]
    public void Decode_missingKey_isError4(params string[] keys)
    {
        using var fixture = new SessionFixture();
        Assert.Equal(SessionStatus.Continue, fixture.Feed(Point("m", [], [("a", 1d)], keys), Line("after")));
        Assert.Equal(["after 0 1"], fixture.Values);
        Assert.Equal(["error 0 4"], fixture.Output.Messages);
    }

    [Fact]
    public void Decode_noTimeAndNoTags_isArrivalWithoutLabels()
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Point("m", [], [("a", 1d)], ["name", "fields"]));
        Assert.Equal(["m_a 0 1"], fixture.Values);
    }

    [Fact]
    public void Decode_cacheFull_stillResolves()
    {
        using var fixture = new SessionFixture(new SessionOptions { MaxPointCacheBytes = 3000 });
        var expected = new List<string>();
        for (var i = 0; i < 400; i++)
        {
            fixture.Feed(Point("m", [("t", $"{i % 40}")], [("a", 1d), ("b", 2d)], Keys));
            expected.AddRange([$"m_a{{t=\"{i % 40}\"}} 5 1", $"m_b{{t=\"{i % 40}\"}} 5 2"]);
            Assert.InRange(fixture.Host.PointCacheBytes.Used, 0, 3000);
        }

        Assert.Equal(expected, fixture.Values);
    }

    [Fact]
    public void Decode_manyFieldsInReverse_areAllFound()
    {
        using var fixture = new SessionFixture();
        var fields = Enumerable.Range(0, 3000).Select(i => ($"f{i}", (object?)(double)i)).ToArray();
        fixture.Feed(Point("m", [], fields, Keys));
        fixture.Feed(Point("m", [], [.. fields.Reverse()], Keys));
        Assert.Equal(3000, fixture.Sink.Registry.Count);
        Assert.All(fixture.Sink.Samples, sample => Assert.Equal($"m_f{sample.Value}", sample.Series));
    }

    [Fact]
    public void Decode_cutShort_registersNothing()
    {
        using var fixture = new SessionFixture();
        var point = Point("m", [], [("a", 1d), ("b", 2d)], Keys);
        for (var length = 1; length < point.Length; length++)
        {
            fixture.Reconnect();
            fixture.Feed(point[..length]);
            Assert.Equal(0, fixture.Sink.Registry.Count);
        }
    }

    private static byte[] Point(string name, (string, string)[] tags, (string, object?)[] fields, string[] keys) => Encode(writer =>
    {
        writer.WriteMapHeader(keys.Length);
        foreach (var key in keys)
        {
            writer.WriteString(key);
            switch (key)
            {
                case "name":
                    writer.WriteString(name);
                    break;
                case "time":
                    writer.WriteTimestamp(Now + 5);
                    break;
                case "tags":
                    MessageEncoder.WriteLabels(writer, Pairs(tags));
                    break;
                case "fields":
                    WriteFields(writer, fields);
                    break;
                default:
                    writer.WriteArrayHeader(2);
                    writer.WriteNil();
                    writer.WriteString("anything"u8);
                    break;
            }
        }
    });

    private static void WriteFields(MsgPackWriter writer, (string, object?)[] fields)
    {
        writer.WriteMapHeader(fields.Length);
        foreach (var (field, value) in fields)
        {
            writer.WriteString(field);
            switch (value)
            {
                case double number:
                    writer.Write(number);
                    break;
                case long integer:
                    writer.Write(integer);
                    break;
                case bool flag:
                    writer.Write(flag);
                    break;
                case string text:
                    writer.WriteString(text);
                    break;
                default:
                    writer.WriteNil();
                    break;
            }
        }
    }
}
