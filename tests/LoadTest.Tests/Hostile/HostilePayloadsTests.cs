using DataLayer.LoadTest.Hostile;
using DataLayer.Protocol;
using K4os.Compression.LZ4;
using Xunit;

namespace DataLayer.LoadTest.Tests.Hostile;

/// <summary>A hostile peer has to be as bad as it says: a bomb that is refused for its shape tests nothing.</summary>
public sealed class HostilePayloadsTests
{
    [Fact]
    public void Lz4Bombs_unpack_to_messages_of_64_MiB()
    {
        var (codec, rawBytes, packed) = ReadBatch(new HostilePayloads("test").Lz4Bombs()(0, 0));
        Assert.Equal((long)BatchCodec.Lz4, codec);
        Assert.InRange(rawBytes, 63 << 20, ProtocolLimits.MaxBatchBytes);
        Assert.InRange(packed.Length, 1, 1 << 20);
        var raw = new byte[rawBytes];
        Assert.Equal(rawBytes, LZ4Codec.Decode(packed, raw));
        Assert.Equal(0x94, raw[0]);
    }

    [Fact]
    public void ZstdBombs_promise_64_MiB_in_a_few_KiB()
    {
        var (codec, rawBytes, packed) = ReadBatch(HostilePayloads.ZstdBombs()(0, 0));
        Assert.Equal(((long)BatchCodec.Zstd, (long)ProtocolLimits.MaxBatchBytes), (codec, rawBytes));
        Assert.Equal(9 + (4 * 512), packed.Length);
        Assert.Equal([0x28, 0xb5, 0x2f, 0xfd], packed[..4]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void NewSeries_and_Schema_are_whole_messages(int connection)
    {
        var payloads = new HostilePayloads("test");
        foreach (var bytes in new[] { payloads.NewSeries(connection, 3), payloads.Schema(connection, 3), HostilePayloads.Flushes(connection, 3) })
        {
            var reader = new MsgPackReader(bytes);
            while (reader.Remaining > 0) Assert.True(reader.TrySkip());
        }

        Assert.NotEqual(payloads.NewSeries(connection, 3), payloads.NewSeries(connection, 4));
    }

    private static (long Codec, long RawBytes, byte[] Packed) ReadBatch(byte[] message)
    {
        var reader = new MsgPackReader(message);
        Assert.True(reader.TryReadArrayHeader(out var count) && count == 5);
        Assert.True(reader.TryReadInt64(out var op) && op == Op.Batch);
        Assert.True(reader.TryReadInt64(out _) & reader.TryReadInt64(out var codec) & reader.TryReadInt64(out var rawBytes) & reader.TryReadBinary(out var packed));
        return (codec, rawBytes, packed.ToArray());
    }
}
