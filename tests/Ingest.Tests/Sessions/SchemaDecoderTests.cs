using DataLayer.Ingest.Sessions;
using DataLayer.Protocol;
using Xunit;
using static DataLayer.Ingest.Tests.Sessions.SessionFixture;

namespace DataLayer.Ingest.Tests.Sessions;

public sealed class SchemaDecoderTests
{
    [Fact]
    public void Decode_commonLabels_areAddedToEach()
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Encode(writer =>
        {
            MessageEncoder.WriteSchemaHeader(writer, 5, Pairs(("host", "h"), ("zone", "z")), 2);
            MessageEncoder.WriteSeries(writer, "a", Pairs(("core", "1")));
            MessageEncoder.WriteSeries(writer, "b", []);
        }), Row(5, 1, 2));
        Assert.Equal(["a{core=\"1\",host=\"h\",zone=\"z\"} 0 1", "b{host=\"h\",zone=\"z\"} 0 2"], fixture.Values);
    }

    [Fact]
    public void Decode_labelBothCommonAndOwn_refusesTheColumn()
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Encode(writer =>
        {
            MessageEncoder.WriteSchemaHeader(writer, 5, Pairs(("host", "h")), 2);
            MessageEncoder.WriteSeries(writer, "a", Pairs(("host", "1")));
            MessageEncoder.WriteSeries(writer, "b", []);
        }), Row(5, 1, 2));
        Assert.Equal(["b{host=\"h\"} 0 2"], fixture.Values);
        Assert.Equal(["error 0 4"], fixture.Output.Messages);
        Assert.Equal(1, fixture.Counters.Rejected[(int)RejectReason.BadContent]);
    }

    [Fact]
    public void Decode_sameNumberAgain_replaces()
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Schema(1, "a"), Row(1, 1), Schema(1, "b", "c"), Row(1, 2, 3), Row(1, 4));
        Assert.Equal(["a 0 1", "b 0 2", "c 0 3"], fixture.Values);
        Assert.Equal(["error 0 5"], fixture.Output.Messages);
        Assert.Equal(1, fixture.Host.Schemas.Used);
    }

    [Fact]
    public void Decode_badRedeclaration_forgetsTheOld()
    {
        using var fixture = new SessionFixture(new SessionOptions { MaxSchemaSeries = 1 });
        fixture.Feed(Schema(1, "a"), Schema(1, "b", "c"), Row(1, 1));
        Assert.Empty(fixture.Values);
        Assert.Equal(["error 0 2", "error 0 5"], fixture.Output.Messages);
        Assert.Equal(0, fixture.Host.Schemas.Used);
    }

    [Fact]
    public void Decode_brokenShape_isError4AndTakesNoRoom()
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Encode(writer =>
        {
            MessageEncoder.WriteSchemaHeader(writer, 1, [], 1);
            writer.WriteString("a"u8);
        }));
        Assert.Equal(["error 0 4"], fixture.Output.Messages);
        Assert.Equal(0, fixture.Host.Schemas.Used);
        Assert.Equal(0, fixture.Host.SchemaBytes.Used);
    }

    [Theory]
    [InlineData(3, 0)]
    [InlineData(4, 1)]
    public void Decode_seriesAtBothSidesOfTheLimit(int count, int errors)
    {
        using var fixture = new SessionFixture(new SessionOptions { MaxSchemaSeries = 3 });
        fixture.Feed(Schema(1, [.. Enumerable.Range(0, count).Select(i => $"s{i}")]));
        Assert.Equal(Enumerable.Repeat("error 0 2", errors), fixture.Output.Messages);
    }

    [Fact]
    public void Decode_65536Series_isAllowed_65537_isNot()
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Schema(1, [.. Enumerable.Range(0, 65_536).Select(i => $"s{i}")]));
        Assert.Empty(fixture.Output.Take());
        fixture.Feed(Schema(2, [.. Enumerable.Range(0, 65_537).Select(i => $"s{i}")]));
        Assert.Equal(["error 0 2"], fixture.Output.Take());
    }

    [Fact]
    public void Decode_schemasOfAllSessions_shareTheLimit()
    {
        using var fixture = new SessionFixture(new SessionOptions { MaxSchemas = 2 });
        var other = new Session(fixture.Host, SessionKind.Tcp, new TestOutput(), "other");
        other.Consume(Schema(1, "a"), out _);
        other.FinishInput();
        fixture.Feed(Schema(1, "a"), Schema(2, "b"));
        Assert.Equal(["error 0 2"], fixture.Output.Take());
        other.Dispose();
        fixture.Feed(Schema(2, "b"), Row(2, 1));
        Assert.Equal(["b 0 1"], fixture.Values);
    }

    [Fact]
    public void Decode_schemaBytesUsedUp_isError2()
    {
        using var fixture = new SessionFixture(new SessionOptions { MaxSchemaBytes = 600 });
        fixture.Feed(Schema(1, "a"), Schema(2, "b"), Schema(3, "c"));
        Assert.Equal(["error 0 2"], fixture.Output.Messages);
        Assert.Equal(2, fixture.Host.Schemas.Used);
    }
}
