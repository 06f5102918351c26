using DataLayer.Protocol;
using K4os.Compression.LZ4;
using Xunit;

namespace DataLayer.LoadTest.Tests;

public sealed class BatchPackerTests
{
    [Theory]
    [InlineData(BatchCodec.None, 10)]
    [InlineData(BatchCodec.None, 100_000)]
    [InlineData(BatchCodec.Lz4, 10)]
    [InlineData(BatchCodec.Lz4, 100_000)]
    public void Finish_messages_makesABatchOfThem(BatchCodec codec, int messages)
    {
        using var packer = new BatchPacker(codec);
        using var plain = new MsgPackWriter();
        for (var i = 0; i < messages; i++) MessageEncoder.WriteFlush(plain, i);
        for (var seq = 1; seq <= 2; seq++)
        {
            packer.Begin().WriteRaw(plain.Written);
            var reader = new MsgPackReader(packer.Finish(seq));
            Assert.True(reader.TryReadArrayHeader(out var count) && count == 5);
            Assert.True(reader.TryReadInt64(out var op) && op == Op.Batch);
            Assert.True(reader.TryReadInt64(out var number) && number == seq);
            Assert.True(reader.TryReadInt64(out var written) && written == (int)codec);
            Assert.True(reader.TryReadInt64(out var length) && length == plain.LengthBytes);
            Assert.True(reader.TryReadBinary(out var packed));
            Assert.Equal(0, reader.Remaining);
            var unpacked = new byte[length];
            if (codec == BatchCodec.None) packed.CopyTo(unpacked);
            else Assert.Equal(length, LZ4Codec.Decode(packed, unpacked));
            Assert.True(plain.Written.SequenceEqual(unpacked));
        }
    }
}
