using System.Text;
using DataLayer.Fuzzing;
using Xunit;

namespace DataLayer.Protocol.Tests;

/// <summary>The decoders of the protocol against plain ones, on values that are nearly right. See <see cref="Fuzz"/> for the long form.</summary>
public sealed class DecoderFuzzTests
{
    private const int MaxBytes = 1 << 16;

    /// <summary>Where a message ends, and whether it does, is the same for the plain scan, the reader, and the scanner at any split.</summary>
    [Fact]
    public void ScanAndSkip_nearlyRightMessages_endWhereThePlainScanEnds() => Fuzz.Run(50_000, Value, (bytes, random) =>
    {
        var end = PlainScan.End(bytes);
        var reader = new MsgPackReader(bytes);
        Assert.Equal(end is not null, reader.TrySkip());
        Assert.Equal(end ?? 0, reader.Position);
        var whole = new MessageScanner(MaxBytes).Scan(bytes, out var consumed);
        Assert.Equal(end is not null, whole == ScanResult.Complete);
        if (end is not null) Assert.Equal(end, consumed);
        var scanner = new MessageScanner(MaxBytes);
        var (result, at) = (ScanResult.NeedMore, 0);
        while (result == ScanResult.NeedMore && at < bytes.Length)
        {
            Assert.InRange(scanner.MissingBytes, 0, MaxBytes);
            result = scanner.Scan(bytes.AsSpan(at, random.Next(Math.Min(9, bytes.Length - at) + 1)), out var some);
            at += some;
        }

        Assert.Equal((whole, consumed), (result, at));
    });

    /// <summary>What the reader takes is written and read again as the same, and takes no memory beyond what came.</summary>
    [Fact]
    public void Read_nearlyRightValues_roundTrip() => Fuzz.Run(20_000, Value, (bytes, _) =>
    {
        var reader = new MsgPackReader(bytes);
        var value = TestValue.Read(ref reader);
        if (value is null || value is TestValue.Container) return; // A container read back has no items to write; its elements come as inputs of their own.
        Assert.Equal(PlainScan.End(bytes), reader.Position);
        using var writer = new MsgPackWriter();
        value.Write(writer);
        var again = new MsgPackReader(writer.Written);
        Assert.Equal(value, TestValue.Read(ref again));
    });

    /// <summary>Every method of the reader either takes a value and moves to its end, or stays where it is.</summary>
    [Fact]
    public void TryRead_anyMethod_takesAWholeValueOrNothing() => Fuzz.Run(50_000, Value, (bytes, random) =>
    {
        var reader = new MsgPackReader(bytes);
        while (reader.Remaining > 0)
        {
            var before = reader.Position;
            var (took, isHeader) = Call(ref reader, random.Next(10));
            if (!took) Assert.Equal(before, reader.Position);
            else if (!isHeader) Assert.Equal(PlainScan.End(bytes, before), reader.Position);
            else Assert.InRange(reader.Position, before + 1, before + 5);
            if (!took && random.Next(3) == 0) reader.Advance(1);
        }
    });

    /// <summary>A key is built exactly where a plain model builds one, and reads back as what was put in.</summary>
    [Fact]
    public void SeriesKey_anyNamesAndLabels_isThatOfThePlainModel() => Fuzz.Run(20_000, random => new SeriesInput(random), (input, _) =>
    {
        var builder = new SeriesKeyBuilder();
        builder.Begin(input.Name);
        foreach (var (name, value) in input.Labels) builder.AddLabel(name, value);
        var status = builder.Finish(out var key);
        Assert.Equal(input.IsRight, status == SeriesKeyStatus.Ok);
        if (status != SeriesKeyStatus.Ok)
        {
            Assert.True(key.IsEmpty);
            return;
        }

        Assert.True(SeriesKey.IsWellFormed(key));
        var identity = SeriesIdentity.FromKey(key);
        Assert.Equal(Encoding.UTF8.GetString(input.Name), identity.Name);
        Assert.Equal(input.Expected, identity.Labels.Select(label => (label.Key, label.Value)));
        Assert.Equal(key, SeriesKey.Of(identity.Name, identity.Labels));
    });

    /// <summary>Bytes that are nearly a key are refused, or are the very bytes that a builder would make.</summary>
    [Fact]
    public void SeriesKeyReader_nearlyRightKeys_areRefusedOrCanonical() => Fuzz.Run(50_000, random => Mutation.Of(random, Key(random)), (bytes, _) =>
    {
        SeriesIdentity? identity = null;
        var reads = Fuzz.Succeeds(() => identity = SeriesIdentity.FromKey(bytes), fault => fault is FormatException);
        if (!SeriesKey.IsWellFormed(bytes)) return;
        Assert.True(reads);
        var builder = new SeriesKeyBuilder();
        var reader = new SeriesKeyReader(bytes);
        builder.Begin(reader.Name);
        while (reader.TryNext(out var name, out var value)) builder.AddLabel(name, value);
        if (builder.Finish(out var key) == SeriesKeyStatus.Ok) Assert.Equal(bytes, key);
        Assert.Equal(reader.LabelCount, identity!.Labels.Count);
    });

    private static byte[] Value(Random random)
    {
        var bytes = MsgPackInputs.Any(random);
        return random.Next(8) == 0 ? bytes : Mutation.Of(random, bytes);
    }

    private static byte[] Key(Random random) => SeriesKey.Of("name", Enumerable.Range(0, random.Next(4)).Select(at => KeyValuePair.Create($"l{at}", new string('v', random.Next(1, 300)))));

    private static (bool Took, bool IsHeader) Call(ref MsgPackReader reader, int method) => method switch
    {
        0 => (reader.TryReadNil(), false),
        1 => (reader.TryReadInt64(out _), false),
        2 => (reader.TryReadUInt64(out _), false),
        3 => (reader.TryReadDouble(out _), false),
        4 => (reader.TryReadString(out _), false),
        5 => (reader.TryReadBinary(out _), false),
        6 => (reader.TryReadExtension(out _, out _), false),
        7 => (reader.TryReadTimestamp(out _), false),
        8 => (reader.TryReadArrayHeader(out _), true),
        _ => (reader.TryReadMapHeader(out _), true),
    };
}
