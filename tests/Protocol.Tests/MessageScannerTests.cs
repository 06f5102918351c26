using CsCheck;
using Xunit;

namespace DataLayer.Protocol.Tests;

public sealed class MessageScannerTests
{
    private const int MaxBytes = 1 << 20;

    [Fact]
    public void Scan_message_endsWhereTheReaderEnds_atEverySplit() =>
        Gen.Select(TestValue.Any, Gen.Int, Gen.Byte.Array[0, 8]).Sample((value, seed, tail) =>
        {
            var message = value.Encode(new Random(seed));
            byte[] bytes = [.. message, .. tail];
            AssertSame(bytes, ScanResult.Complete, message.Length);
        }, iter: 300);

    [Fact]
    public void Scan_randomBytes_agreesWithTheReader_atEverySplit() =>
        Gen.Byte.Array[1, 60].Sample(bytes =>
        {
            var reader = new MsgPackReader(bytes);
            var whole = new MessageScanner(MaxBytes).Scan(bytes, out var consumed);
            Assert.Equal(whole == ScanResult.Complete, reader.TrySkip());
            if (whole == ScanResult.Complete) Assert.Equal(reader.Position, consumed);
            AssertSame(bytes, whole, consumed);
        }, iter: 20_000);

    [Fact]
    public void Scan_mutatedMessage_agreesWithTheReader() =>
        Gen.Select(TestValue.Any, Gen.Int, Gen.Byte).Sample((value, seed, other) =>
        {
            var random = new Random(seed);
            var bytes = value.Encode(random);
            bytes[random.Next(bytes.Length)] = other;
            var reader = new MsgPackReader(bytes);
            var result = new MessageScanner(MaxBytes).Scan(bytes, out var consumed);
            Assert.Equal(result == ScanResult.Complete, reader.TrySkip());
            if (result == ScanResult.Complete) Assert.Equal(reader.Position, consumed);
        }, iter: 5_000);

    [Theory]
    [InlineData("c1", ScanResult.Malformed)]
    [InlineData("9201c1", ScanResult.Malformed)]
    [InlineData("ddffffffff", ScanResult.TooLarge)]
    [InlineData("dfffffffff", ScanResult.TooLarge)]
    [InlineData("c6ffffffff", ScanResult.TooLarge)]
    [InlineData("dbffffffff", ScanResult.TooLarge)]
    [InlineData("c9ffffffff", ScanResult.TooLarge)]
    [InlineData("9191919191919191919191919191919190", ScanResult.TooDeep)]
    [InlineData("91919191919191919191919191919190", ScanResult.Complete)]
    [InlineData("81818181818181818181818181818181", ScanResult.NeedMore)]
    [InlineData("8181818181818181818181818181818180", ScanResult.TooDeep)]
    public void Scan_broken_isTold(string hex, ScanResult expected) =>
        Assert.Equal(expected, new MessageScanner(MaxBytes).Scan(Convert.FromHexString(hex), out _));

    [Fact]
    public void Scan_declaredLength_meetsTheLimitOnBothSides()
    {
        Assert.Equal(ScanResult.NeedMore, new MessageScanner(100).Scan([0xc4, 98], out _));
        Assert.Equal(ScanResult.TooLarge, new MessageScanner(100).Scan([0xc4, 99], out _));
        Assert.Equal(ScanResult.NeedMore, new MessageScanner(100).Scan([0xdc, 0, 97], out _));
        Assert.Equal(ScanResult.TooLarge, new MessageScanner(100).Scan([0xdc, 0, 98], out _));
        Assert.Equal(ScanResult.TooLarge, new MessageScanner(100).Scan([0x92, 0xc4, 97], out _));
        Assert.Equal(ScanResult.NeedMore, new MessageScanner(100).Scan([0x92, 0xc4, 96], out _));
    }

    [Fact]
    public void MissingBytes_insideABinary_isWhatTheMessageNeeds()
    {
        var scanner = new MessageScanner(MaxBytes);
        Assert.Equal(0, scanner.MissingBytes);
        Assert.Equal(ScanResult.NeedMore, scanner.Scan([0x92, 0xc4, 200, 1, 2], out _));
        Assert.True(scanner.IsInsideMessage);
        Assert.Equal(199, scanner.MissingBytes); // 198 of the binary, and one for the second element
        Assert.Equal(ScanResult.Complete, scanner.Scan(new byte[300], out var consumed));
        Assert.Equal(199, consumed);
        Assert.False(scanner.IsInsideMessage);
    }

    [Fact]
    public void Reset_insideAMessage_beginsAnew()
    {
        var scanner = new MessageScanner(MaxBytes);
        scanner.Scan([0x95, 0xda, 1], out _);
        scanner.Reset();
        Assert.Equal(ScanResult.Complete, scanner.Scan([1, 2], out var consumed));
        Assert.Equal(1, consumed);
    }

    [Fact]
    public void Scan_byteByByte_allocatesNothing()
    {
        using var writer = new MsgPackWriter();
        MessageEncoder.WriteRow(writer, 1, 1_700_000_000_000_000, new double[1000]);
        var scanner = new MessageScanner(MaxBytes);
        Assert.Equal(ScanResult.Complete, Drip(scanner, writer.Written));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var result = Drip(scanner, writer.Written);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(ScanResult.Complete, result);
        Assert.Equal(0, allocated);
    }

    private static ScanResult Drip(MessageScanner scanner, ReadOnlySpan<byte> bytes)
    {
        var result = ScanResult.NeedMore;
        for (var i = 0; i < bytes.Length && result == ScanResult.NeedMore; i++) result = scanner.Scan(bytes.Slice(i, 1), out _);
        return result;
    }

    /// <summary>The same result and end in one piece, in two pieces at every split (of long messages: at some 300), and byte by byte.</summary>
    private static void AssertSame(byte[] bytes, ScanResult expected, int expectedEnd)
    {
        for (var split = 0; split <= bytes.Length; split += 1 + (bytes.Length / 300))
        {
            var scanner = new MessageScanner(MaxBytes);
            var result = scanner.Scan(bytes.AsSpan(0, split), out var end);
            if (result == ScanResult.NeedMore)
            {
                Assert.Equal(split, end);
                result = scanner.Scan(bytes.AsSpan(split), out var second);
                end += second;
            }

            Assert.Equal((expected, expectedEnd), (result, end));
        }

        var drop = new MessageScanner(MaxBytes);
        var seen = 0;
        var last = ScanResult.NeedMore;
        while (last == ScanResult.NeedMore && seen < bytes.Length) last = drop.Scan(bytes.AsSpan(seen++, 1), out _);
        Assert.Equal((expected, expectedEnd), (last, seen));
    }
}
