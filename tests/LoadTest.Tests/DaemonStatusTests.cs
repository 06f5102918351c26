using Xunit;

namespace DataLayer.LoadTest.Tests;

public sealed class DaemonStatusTests
{
    [Theory]
    [InlineData(100, 90, 0, 0, true)]
    [InlineData(101, 90, 0, 0, false)]
    [InlineData(99, 90, 0, 0, false)]
    [InlineData(103, 90, 2, 1, true)]
    public void Adds_followsTheConservationLaw(long received, long stored, long inFlight, long held, bool expected)
    {
        var status = Parse(received, stored, inFlight, held, 0);
        Assert.Equal(expected, status.Adds);
        Assert.Equal(inFlight + held == 0, status.IsIdle);
    }

    [Fact]
    public void Adds_lostBetweenStages_isFalse() => Assert.False(Parse(100, 90, 0, 0, 1).Adds);

    [Fact]
    public void Parse_engines_addsUpWhatTheyDid()
    {
        var status = DaemonStatus.Parse(
            """{"conservation":{"received":0,"stored":0,"rejected":{},"dropped":{},"inFlight":0},"engines":[{"name":"lake","merges":3,"filesExpired":5},{"name":"other","merges":1}]}""");
        Assert.Equal((4, 5), (status.Merges, status.FilesExpired));
    }

    private static DaemonStatus Parse(long received, long stored, long inFlight, long held, long unaccounted) => DaemonStatus.Parse(
        $$$"""
        {"conservation":{"received":{{{received}}},"stored":{{{stored}}},"rejected":{"bad_content":3,"over_limit":2},"dropped":{"udp_ring_full":5},
        "inFlight":{{{inFlight}}},"held":{{{held}}},"unaccounted":{{{unaccounted}}}},"udp":{"datagrams":1,"kernelDrops":2,"missing":3}}
        """);
}
