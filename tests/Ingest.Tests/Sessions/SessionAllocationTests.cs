using DataLayer.Ingest.Sessions;
using DataLayer.Protocol;
using Xunit;
using static DataLayer.Ingest.Tests.Sessions.SessionFixture;

namespace DataLayer.Ingest.Tests.Sessions;

/// <summary>In steady state nothing is allocated, whatever carries the samples. The control shows that the measure can fail.</summary>
public sealed class SessionAllocationTests
{
    private const int Rounds = 200;

    public static TheoryData<string, byte[]> Streams => new()
    {
        { "lines", Join([.. Enumerable.Range(0, 100).Select(i => Line($"m{i}", i, i, ("host", "a")))]) },
        { "lines with quality", Encode(writer => MessageEncoder.WriteLine(writer, "m", [], Now, 1, 0.5f)) },
        { "points", Join([.. Enumerable.Range(0, 20).Select(Point)]) },
        { "rows", Join([.. Enumerable.Range(0, 20).Select(i => Row(1, i, 2, 3))]) },
        { "blocks", Encode(writer => MessageEncoder.WriteBlock(writer, 1, [Now, Now + 1], [1, 2, 3, 4, 5, 6])) },
        { "lz4 batch", Packed(BatchCodec.Lz4) },
        { "zstd batch", Packed(BatchCodec.Zstd) },
        { "unpacked batch", Batch(0, Line("m"), Point(1), Row(1, 1, 2, 3)) },
        { "flushes", Flush(5) },
    };

    [Theory]
    [MemberData(nameof(Streams))]
    public void Consume_steadyState_allocatesNothing(string _, byte[] stream)
    {
        using var fixture = Prepare();
        Assert.Equal(0, Measure(() => FeedInPieces(fixture, stream)));
        Assert.Equal(fixture.Counters.Received, fixture.Counters.Published);
    }

    [Fact]
    public void ConsumeDatagram_steadyState_allocatesNothing()
    {
        using var fixture = new SessionFixture(kind: SessionKind.Udp);
        fixture.Sink.IsNull = true;
        var datagram = Join(Encode(writer => MessageEncoder.WriteDatagramHeader(writer, "source", 1)), Line("m"), Point(1));
        Assert.Equal(0, Measure(() =>
        {
            fixture.Session.ConsumeDatagram(datagram);
            fixture.Session.FinishDatagrams();
        }));
    }

    [Fact]
    public void Measure_anErrorPerRound_isSeen()
    {
        using var fixture = Prepare();
        var bad = Line(string.Empty);
        Assert.InRange(Measure(() => FeedInPieces(fixture, bad)), 1, long.MaxValue);
    }

    private static SessionFixture Prepare()
    {
        var fixture = new SessionFixture();
        fixture.Sink.IsNull = true;
        fixture.Output.IsNull = true;
        fixture.Feed(Schema(1, "a", "b", "c"));
        return fixture;
    }

    private static long Measure(Action round)
    {
        // The least of a few: pools that fill once are no steady state.
        var least = long.MaxValue;
        for (var attempt = 0; attempt < 4; attempt++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < Rounds; i++) round();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    /// <summary>Once whole and once cut in two, so that the gathering of messages is measured too.</summary>
    private static void FeedInPieces(SessionFixture fixture, byte[] stream)
    {
        Consume(fixture, stream);
        Consume(fixture, stream.AsSpan(0, stream.Length / 2));
        Consume(fixture, stream.AsSpan(stream.Length / 2));
    }

    private static void Consume(SessionFixture fixture, ReadOnlySpan<byte> bytes)
    {
        // Not by Assert.Equal, which allocates.
        if (fixture.Session.Consume(bytes, out _) != SessionStatus.Continue || fixture.Session.FinishInput() != SessionStatus.Continue) Assert.Fail("Not taken.");
    }

    private static byte[] Point(int i) => Encode(writer => MessageEncoder.WritePoint(
        writer, $"disk{i % 3}", Pairs(("path", $"/{i}")), Now, [KeyValuePair.Create("free", 2d), KeyValuePair.Create("value", 3d)]));

    private static byte[] Packed(BatchCodec codec)
    {
        var raw = Join([.. Enumerable.Range(0, 100).Select(i => Line($"m{i}", i, i, ("host", "a")))]);
        var packed = new byte[100_000];
        using var zstd = new ZstdSharp.Compressor();
        var length = codec == BatchCodec.Lz4 ? K4os.Compression.LZ4.LZ4Codec.Encode(raw, packed) : zstd.Wrap(raw, packed);
        return Encode(writer => MessageEncoder.WriteBatch(writer, 0, codec, raw.Length, packed.AsSpan(0, length)));
    }
}
