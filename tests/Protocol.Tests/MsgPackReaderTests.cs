using CsCheck;
using Xunit;

namespace DataLayer.Protocol.Tests;

public sealed class MsgPackReaderTests
{
    [Fact]
    public void Read_treeInAnyEncodings_givesTheTree() =>
        Gen.Select(TestValue.Any, Gen.Int).Sample((value, seed) =>
        {
            var bytes = value.Encode(new Random(seed));
            var reader = new MsgPackReader(bytes);
            Assert.Equal(value, TestValue.Read(ref reader));
            Assert.Equal(bytes.Length, reader.Position);
        });

    [Fact]
    public void Read_treeFromOurWriter_givesTheTree() =>
        TestValue.Any.Sample(value =>
        {
            using var writer = new MsgPackWriter(16);
            value.Write(writer);
            var reader = new MsgPackReader(writer.Written);
            Assert.Equal(value, TestValue.Read(ref reader));
            Assert.Equal(0, reader.Remaining);
        });

    [Fact]
    public void Read_randomBytes_neverThrowsAndStaysWhereItWasWhenItRefuses() =>
        Gen.Select(Gen.Byte.Array[0, 40], Gen.Int[0, 40]).Sample((bytes, skip) =>
        {
            for (var method = 0; method < 12; method++)
            {
                var reader = new MsgPackReader(bytes);
                while (reader.Position < skip && reader.TrySkip())
                {
                }

                var before = reader.Position;
                var took = Call(ref reader, method);
                Assert.InRange(reader.Position, before, bytes.Length);
                if (!took) Assert.Equal(before, reader.Position);
                else Assert.True(reader.Position > before);
            }
        }, iter: 20_000);

    [Fact]
    public void Read_mutatedMessage_neverThrows() =>
        Gen.Select(TestValue.Any, Gen.Int, Gen.Byte).Sample((value, seed, other) =>
        {
            var random = new Random(seed);
            var bytes = value.Encode(random);
            bytes[random.Next(bytes.Length)] = other;
            var reader = new MsgPackReader(bytes.AsSpan(0, random.Next(bytes.Length + 1)));
            while (TestValue.Read(ref reader) is not null)
            {
            }

            Assert.InRange(reader.Position, 0, bytes.Length);
        }, iter: 5_000);

    [Fact]
    public void ReadHeader_declaringMoreThanIsThere_isRefused()
    {
        Assert.False(new MsgPackReader([0xdd, 0xff, 0xff, 0xff, 0xff, 1]).TryReadArrayHeader(out _));
        Assert.False(new MsgPackReader([0xdf, 0x7f, 0xff, 0xff, 0xff, 1]).TryReadMapHeader(out _));
        Assert.False(new MsgPackReader([0x92, 1]).TryReadArrayHeader(out _));
        Assert.True(new MsgPackReader([0x92, 1, 1]).TryReadArrayHeader(out _));
        Assert.False(new MsgPackReader([0x81, 1]).TryReadMapHeader(out _));
        Assert.True(new MsgPackReader([0x81, 1, 1]).TryReadMapHeader(out _));
        Assert.False(new MsgPackReader([0xc6, 0xff, 0xff, 0xff, 0xff, 1]).TryReadBinary(out _));
        Assert.False(new MsgPackReader([0xdb, 0xff, 0xff, 0xff, 0xff, 1]).TryReadString(out _));
        Assert.False(new MsgPackReader([0xc9, 0xff, 0xff, 0xff, 0xff, 1]).TryReadExtension(out _, out _));
    }

    [Fact]
    public void TrySkip_depth_endsAtTheLimit()
    {
        byte[] sixteen = [.. Enumerable.Repeat((byte)0x91, 15), 0x90];
        byte[] seventeen = [.. Enumerable.Repeat((byte)0x91, 16), 0x90];
        Assert.True(new MsgPackReader(sixteen).TrySkip());
        Assert.False(new MsgPackReader(seventeen).TrySkip());
        Assert.True(new MsgPackReader(seventeen).TrySkip(17));
    }

    [Theory]
    [InlineData("d7ffee6b280000000000", false)] // 1,000,000,000 ns
    [InlineData("d7ffee6b27fc00000000", true)] // 999,999,999 ns
    [InlineData("c70cff000000007fffffffffffffff", false)] // seconds that do not fit
    [InlineData("c70cff000000008000000000000000", false)]
    [InlineData("c70cff3b9aca000000000000000000", false)] // 1,000,000,000 ns
    [InlineData("d6fe00000001", false)] // another type
    [InlineData("d5ff0001", false)] // another length
    public void TryReadTimestamp_edges(string hex, bool expected) =>
        Assert.Equal(expected, new MsgPackReader(Convert.FromHexString(hex)).TryReadTimestamp(out _));

    [Fact]
    public void TryReadTimestamp_anyTime_roundTrips() =>
        Gen.Long[-9_000_000_000_000_000_000, 9_000_000_000_000_000_000].Select(Gen.Int[0, 40], (time, shift) => time >> shift).Sample(time =>
        {
            using var writer = new MsgPackWriter();
            writer.WriteTimestamp(time);
            var reader = new MsgPackReader(writer.Written);
            Assert.True(reader.TryReadTimestamp(out var read));
            Assert.Equal(time, read);
        });

    [Fact]
    public void TryReadDouble_float32_isWidened()
    {
        Assert.True(new MsgPackReader([0xca, 0x3d, 0xcc, 0xcc, 0xcd]).TryReadDouble(out var value));
        Assert.Equal(0.1f, value);
    }

    [Fact]
    public void Read_wholeMessages_allocatesNothing()
    {
        using var writer = new MsgPackWriter();
        for (var i = 0; i < 100; i++)
        {
            MessageEncoder.WriteLine(writer, "cpu_load", [new("host", "a"), new("core", "1")], 1_700_000_000_000_000 + i, i * 0.5, 0.25f);
        }

        var scanner = new MessageScanner(1 << 20);
        Assert.Equal(100, Walk(writer.Written, scanner));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var lines = Walk(writer.Written, scanner);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(100, lines);
        Assert.Equal(0, allocated);
    }

    [Fact]
    public void AllocationMeter_seesAnAllocation()
    {
        // The control of the test above: a meter that always reads 0 would prove nothing.
        var before = GC.GetAllocatedBytesForCurrentThread();
        GC.KeepAlive(new byte[100]);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before >= 100);
    }

    private static int Walk(ReadOnlySpan<byte> bytes, MessageScanner scanner)
    {
        var lines = 0;
        while (scanner.Scan(bytes, out var length) == ScanResult.Complete)
        {
            var reader = new MsgPackReader(bytes[..length]);
            var good = reader.TryReadArrayHeader(out _) && reader.TryReadString(out _) && reader.TryReadMapHeader(out var labels)
                && labels == 2 && reader.TryReadString(out _) && reader.TryReadString(out _) && reader.TrySkip() && reader.TrySkip()
                && reader.TryReadInt64(out _) && reader.TryReadDouble(out _) && reader.TryReadDouble(out _) && reader.PeekKind() == MsgPackKind.End;
            if (good) lines++;
            bytes = bytes[length..];
        }

        return lines;
    }

    private static bool Call(ref MsgPackReader reader, int method) => method switch
    {
        0 => reader.TryReadNil(),
        1 => reader.TryReadBoolean(out _),
        2 => reader.TryReadInt64(out _),
        3 => reader.TryReadUInt64(out _),
        4 => reader.TryReadDouble(out _),
        5 => reader.TryReadString(out _),
        6 => reader.TryReadBinary(out _),
        7 => reader.TryReadArrayHeader(out _),
        8 => reader.TryReadMapHeader(out _),
        9 => reader.TryReadExtension(out _, out _),
        10 => reader.TryReadTimestamp(out _),
        _ => reader.TrySkip(),
    };
}
