using DataLayer.Ingest.Sessions;
using DataLayer.Protocol;
using Xunit;
using static DataLayer.Ingest.Tests.Sessions.SessionFixture;

namespace DataLayer.Ingest.Tests.Sessions;

public sealed class SessionTests
{
    [Fact]
    public void Consume_line_publishesSample()
    {
        using var fixture = new SessionFixture();
        Assert.Equal(SessionStatus.Continue, fixture.Feed(Line("cpu", 1.5, 7, ("host", "a"), ("core", "0"))));
        Assert.Equal(["cpu{core=\"0\",host=\"a\"} 7 1.5"], fixture.Values);
        Assert.Empty(fixture.Output.Messages);
    }

    [Fact]
    public void Consume_point_publishesNumericFields()
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Encode(writer => MessageEncoder.WritePoint(
            writer, "disk", Pairs(("path", "/")), Now, [KeyValuePair.Create("free", 2d), KeyValuePair.Create("value", 3d)])));
        Assert.Equal(["disk_free{path=\"/\"} 0 2", "disk{path=\"/\"} 0 3"], fixture.Values);
    }

    [Fact]
    public void Consume_schemaRowBlock_publishInstants()
    {
        using var fixture = new SessionFixture();
        fixture.Feed(
            Schema(3, "a", "b"),
            Row(3, 1, 2),
            Encode(writer => MessageEncoder.WriteBlock(writer, 3, [Now + 1, Now + 2], [3, ProtocolLimits.StaleMarker, 5, 6])));
        Assert.Equal(["a 0 1", "b 0 2", "a 1 3", "a 2 5", "b 2 6"], fixture.Values);
        Assert.Equal(5, fixture.Counters.Received);
    }

    [Fact]
    public void Consume_batch_isOneRecordAckedWhenDurable()
    {
        using var fixture = new SessionFixture();
        fixture.Sink.IsInstant = false;
        fixture.Feed(Hello("agent"), Line("before"), Batch(1, Line("a"), Schema(1, "b"), Row(1, 2)), Line("after"));
        Assert.Equal([1, 2, 1], fixture.Sink.Records.Select(record => record.SampleCount));
        Assert.Equal([0, 1, 0], fixture.Sink.Records.Select(record => record.BatchSeq));
        Assert.Equal(["welcome 0"], fixture.Output.Take());
        fixture.Sink.MakeDurable(1);
        Assert.Empty(fixture.Output.Take());
        fixture.Sink.MakeDurable(2);
        Assert.Equal(["ack 1"], fixture.Output.Take());
    }
}
