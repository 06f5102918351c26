using DataLayer.Ingest.Sessions;
using DataLayer.Protocol;
using Xunit;
using static DataLayer.Ingest.Tests.Sessions.SessionFixture;

namespace DataLayer.Ingest.Tests.Sessions;

public sealed class RowDecoderTests
{
    private static readonly double NoSample = ProtocolLimits.StaleMarker;

    [Fact]
    public void Decode_unknownSchema_isError5ForEachSample()
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Row(9, 1, NoSample, 3), Line("after"));
        Assert.Equal(["error 0 5"], fixture.Output.Messages);
        Assert.Equal(2, fixture.Counters.Rejected[(int)RejectReason.BadSchema]);
        Assert.Equal(["after 0 1"], fixture.Values);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(24)]
    [InlineData(17)]
    [InlineData(0)]
    public void Decode_rowOfOtherLength_isError5(int bytes)
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Schema(1, "a", "b"), Encode(writer =>
        {
            writer.WriteArrayHeader(4);
            writer.Write(2);
            writer.Write(1);
            writer.Write(Now);
            writer.WriteBinary(new byte[bytes]);
        }));
        Assert.Equal(["error 0 5"], fixture.Output.Messages);
        Assert.Equal(bytes / 8, fixture.Counters.Received);
    }

    [Theory]
    [InlineData(2, 3)]
    [InlineData(2, 5)]
    [InlineData(0, 2)]
    public void Decode_blockOfOtherLength_isError5(int times, int values)
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Schema(1, "a", "b"), Block(1, new long[times], new double[values]));
        Assert.Equal(["error 0 5"], fixture.Output.Messages);
        Assert.Equal(values, fixture.Counters.RejectedTotal);
    }

    [Fact]
    public void Decode_blockWithOneBadTime_isRejectedWhole()
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Schema(1, "a"), Block(1, [Now, -1, Now + 1], [1, 2, 3]), Block(1, [Now + 2], [4]));
        Assert.Equal(["a 2 4"], fixture.Values);
        Assert.Equal(["error 0 4"], fixture.Output.Messages);
        Assert.Equal(3, fixture.Counters.Rejected[(int)RejectReason.BadContent]);
    }

    [Fact]
    public void Decode_rowWithoutSamples_storesNothing()
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Schema(1, "a", "b"), Row(1, NoSample, NoSample), Schema(2), Row(2));
        Assert.Empty(fixture.Sink.Records);
        Assert.Equal(0, fixture.Counters.Received);
        Assert.Empty(fixture.Output.Messages);
    }

    [Fact]
    public void Decode_otherNaN_isAValue()
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Schema(1, "a", "b"), Row(1, double.NaN, NoSample));
        Assert.Equal(BitConverter.DoubleToInt64Bits(double.NaN), Assert.Single(fixture.Sink.Samples).ValueBits);
    }

    [Fact]
    public void Decode_refusedColumn_rejectsItsSamplesAndKeepsNeighbours()
    {
        using var fixture = new SessionFixture(seriesMax: 2);
        fixture.Feed(Schema(1, "a", "b", "c", "d"), Row(1, 1, 2, 3, NoSample), Block(1, [Now + 1, Now + 2], [1, 2, NoSample, 4, NoSample, NoSample, 7, 8]));
        Assert.Equal(["a 0 1", "b 0 2", "a 1 1", "b 1 2"], fixture.Values);
        Assert.Equal(["error 0 6"], fixture.Output.Messages);
        Assert.Equal(4, fixture.Counters.Rejected[(int)RejectReason.SeriesLimit]);
        Assert.Equal(8, fixture.Counters.Received);
    }

    private static byte[] Block(long schema, long[] times, double[] values) => Encode(writer => MessageEncoder.WriteBlock(writer, schema, times, values));
}
