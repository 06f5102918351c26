using DataLayer.Ingest.Sessions;
using DataLayer.Protocol;
using K4os.Compression.LZ4;
using Xunit;
using ZstdSharp;
using static DataLayer.Ingest.Tests.Sessions.SessionFixture;

namespace DataLayer.Ingest.Tests.Sessions;

public sealed class BatchDecoderTests
{
    [Theory]
    [InlineData(BatchCodec.None)]
    [InlineData(BatchCodec.Lz4)]
    [InlineData(BatchCodec.Zstd)]
    public void Decode_anyCodec_appliesAll(BatchCodec codec)
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Packed(1, codec, Join([.. Enumerable.Range(0, 100).Select(i => Line("m", i, i))])));
        Assert.Equal(100, fixture.Sink.Records.Single().SampleCount);
        Assert.Equal(["ack 1"], fixture.Output.Messages);
    }

    [Fact]
    public void Decode_largeBatchWithoutRoom_isNotUnpacked()
    {
        using var fixture = new SessionFixture();
        var large = Packed(1, BatchCodec.Lz4, Join([.. Enumerable.Range(0, 100_000).Select(i => Line("m", i, i))]));
        fixture.Sink.HasCapacity = false;
        Assert.Equal(SessionStatus.Backpressure, fixture.Session.Consume(large, out var consumed));
        Assert.Equal((0, 0L), (consumed, fixture.Counters.Received));
        Assert.Empty(fixture.Output.Messages);
        fixture.Sink.HasCapacity = true;
        Assert.Equal(SessionStatus.Continue, fixture.Feed(large));
        Assert.Equal(100_000, fixture.Counters.Published);
        Assert.Equal(0, fixture.Sink.ReservedBytes);
        Assert.InRange(fixture.Sink.ReservedMost, 1 << 20, 64 << 20);
    }

    [Fact]
    public void Decode_smallBatchWithoutRoomForLarge_isApplied()
    {
        using var fixture = new SessionFixture();
        fixture.Sink.HasCapacity = false;
        Assert.Equal(SessionStatus.Continue, fixture.Feed(Batch(1, Line("m"))));
        Assert.Equal(["ack 1"], fixture.Output.Messages);
    }

    [Theory]
    [InlineData(BatchCodec.None, 1)]
    [InlineData(BatchCodec.None, -1)]
    [InlineData(BatchCodec.Lz4, 1)]
    [InlineData(BatchCodec.Lz4, -1)]
    [InlineData(BatchCodec.Zstd, 1)]
    [InlineData(BatchCodec.Zstd, -1)]
    public void Decode_wrongRawLength_isRefusedWhole(BatchCodec codec, int off)
    {
        using var fixture = new SessionFixture();
        Assert.Equal(SessionStatus.Continue, fixture.Feed(Hello("a"), Packed(1, codec, Join(Line("m"), Line("n")), off), Batch(2, Line("next"))));
        Assert.Equal(["next 0 1"], fixture.Values);
        Assert.Equal(["welcome 0", "error 1 1", "ack 2"], fixture.Output.Messages);
        Assert.Equal(1, fixture.Counters.BatchesRejected[(int)RejectReason.Malformed]);
        Assert.Equal(1, fixture.Counters.Received);
    }

    [Theory]
    [InlineData(BatchCodec.Lz4)]
    [InlineData(BatchCodec.Zstd)]
    public void Decode_packedNonsense_isRefusedWhole(BatchCodec codec)
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Encode(writer => MessageEncoder.WriteBatch(writer, 7, codec, 1000, [0xf7, 0xff, 1, 2, 3, 0xff, 0xff, 0xff])));
        Assert.Equal(["error 7 1"], fixture.Output.Messages);
        Assert.Empty(fixture.Sink.Records);
    }

    [Fact]
    public void Decode_hugeDeclaredLength_isRefusedBeforeMemoryIsTaken()
    {
        using var fixture = new SessionFixture();
        var small = LZ4(new byte[100]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 1; i <= 20; i++) fixture.Feed(Encode(writer => MessageEncoder.WriteBatch(writer, i, BatchCodec.Lz4, 60 << 20, small)));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10 << 20);
        Assert.All(fixture.Output.Messages, message => Assert.EndsWith(" 1", message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(100, "ack 1")]
    [InlineData(101, "error 1 2")]
    public void Decode_rawLengthAtBothSidesOfTheLimit(int rawBytes, string answer)
    {
        using var fixture = new SessionFixture(new SessionOptions { MaxBatchBytes = 100 });
        var line = Line("m");
        byte[] raw = Join(line, Line(new string('n', rawBytes - (2 * line.Length) + 1 - (rawBytes - (2 * line.Length) + 1 > 31 ? 1 : 0))));
        Assert.Equal(rawBytes, raw.Length);
        fixture.Feed(Packed(1, BatchCodec.Zstd, raw));
        Assert.Equal([answer], fixture.Output.Messages);
    }

    [Fact]
    public void Decode_unknownCodec_isError9()
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Encode(writer => MessageEncoder.WriteBatch(writer, 3, (BatchCodec)3, 1, [0])));
        Assert.Equal(["error 3 9"], fixture.Output.Messages);
        Assert.Equal(0, fixture.Counters.Received);
    }

    [Fact]
    public void Decode_badMessages_areRejectedAloneAndToldBeforeTheAck()
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Batch(4, Line("a"), Line(string.Empty), Line("b"), Line(string.Empty), Row(1, 1, 2), Line("c")));
        Assert.Equal(["a 0 1", "b 0 1", "c 0 1"], fixture.Values);
        Assert.Equal(["error 4 5", "error 4 4", "ack 4"], fixture.Output.Messages);
        Assert.Contains("2 times, first in message of the batch 2", fixture.Output.ErrorTexts[1], StringComparison.Ordinal);
        Assert.Equal(7, fixture.Counters.Received);
    }

    [Fact]
    public void Decode_operationsThatDoNotBelong_areRejectedAlone()
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Batch(1, Line("a"), Hello(), Flush(1), Batch(2, Line("x")), [0x92, 8, 1], [0x94, 9, 0, 1, 0xa0], [0x92, 77, 1], [0x90], [5], Line("b")));
        Assert.Equal(["a 0 1", "b 0 1"], fixture.Values);
        Assert.Equal(["error 1 1", "error 1 1", "error 1 1", "error 1 9", "ack 1"], fixture.Output.Messages);
    }

    [Fact]
    public void Decode_event_isInTheRecordOfItsBatch()
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Hello("a"), Batch(1, Event([0x80]), Line("a"), Event([0x81, 0xa2, (byte)'i', (byte)'d', 7])), Batch(1, Event([0x80])));
        Assert.Equal(["a 0 1"], fixture.Values);
        Assert.Equal(["welcome 0", "ack 1", "ack 1"], fixture.Output.Messages);
        Assert.Equal((1, 2), (fixture.Sink.Records.Count, fixture.Sink.Records[0].Events.Count));
        Assert.Equal((2, 2, 1), (fixture.Counters.EventsReceived, fixture.Counters.EventsPublished, fixture.Counters.Received));
    }

    [Theory]
    [InlineData(new byte[] { 0xc1, 1, 2, 3 })]
    [InlineData(new byte[] { 0x94, 0xa1, 0x61 })]
    public void Decode_garbageAtTheEnd_keepsWhatCameBefore(byte[] garbage)
    {
        using var fixture = new SessionFixture();
        Assert.Equal(SessionStatus.Continue, fixture.Feed(Batch(1, Line("a"), garbage), Batch(2, Line("b"))));
        Assert.Equal(["a 0 1", "b 0 1"], fixture.Values);
        Assert.Equal(["error 1 1", "ack 1", "ack 2"], fixture.Output.Messages);
        Assert.Equal(3, fixture.Counters.Received);
    }

    [Fact]
    public void Decode_emptyBatch_isAckedAndRemembered()
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Hello("a"), Batch(1), Batch(2, Schema(1, "s")), Batch(3, Row(1, 5)));
        Assert.Equal(["welcome 0", "ack 1", "ack 2", "ack 3"], fixture.Output.Take());
        Assert.Equal([1, 2, 3], fixture.Sink.Records.Select(record => record.BatchSeq));
        fixture.Reconnect();
        fixture.Feed(Hello("a"));
        Assert.Equal(["welcome 3"], fixture.Output.Take());
    }

    [Fact]
    public void Decode_withoutNameOrNumber_isAppliedEachTime()
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Batch(1, Line("a")), Batch(1, Line("a")), Batch(0, Line("b")), Batch(0));
        Assert.Equal(3, fixture.Sink.Samples.Count());
        Assert.Equal(["ack 1", "ack 1", "ack 0", "ack 0"], fixture.Output.Messages);
        Assert.All(fixture.Sink.Records, record => Assert.Equal(0, record.BatchSeq));
    }

    [Theory]
    [InlineData(0x93)]
    [InlineData(0x96)]
    public void Decode_otherNumberOfElements_isError4(byte header)
    {
        using var fixture = new SessionFixture();
        byte[] elements = [4, 1, 0, 0, 0xc4, 0, 0xc0];
        var message = header == 0x93 ? new byte[] { header, 4, 1, 0 } : [header, .. elements];
        Assert.Equal(SessionStatus.Continue, fixture.Feed(message, Line("after")));
        Assert.Equal(["error 0 4"], fixture.Output.Messages);
        Assert.Equal(["after 0 1"], fixture.Values);
    }

    private static byte[] LZ4(byte[] raw)
    {
        var packed = new byte[LZ4Codec.MaximumOutputSize(raw.Length)];
        return packed[..LZ4Codec.Encode(raw, packed)];
    }

    private static byte[] Packed(long seq, BatchCodec codec, byte[] raw, int off = 0)
    {
        using var zstd = new Compressor();
        var packed = codec switch
        {
            BatchCodec.Lz4 => LZ4(raw),
            BatchCodec.Zstd => zstd.Wrap(raw).ToArray(),
            _ => raw,
        };
        return Encode(writer => MessageEncoder.WriteBatch(writer, seq, codec, raw.Length + off, packed));
    }
}
