using System.Globalization;
using System.Text;
using System.Text.Json;
using Xunit;

namespace DataLayer.Protocol.Tests;

/// <summary>The suite of tests/fixtures/msgpack-test-suite.json: 85 values in all their encodings, both ways.</summary>
public sealed class MsgPackConformanceTests
{
    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        using var suite = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "fixtures", "msgpack-test-suite.json")));
        foreach (var group in suite.RootElement.EnumerateObject())
        {
            foreach (var item in group.Value.EnumerateArray()) cases.Add(group.Name, item.GetRawText());
        }

        return cases;
    }

    [Fact]
    public void Suite_isWhole() => Assert.Equal(85, Cases().Count);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Read_everyEncoding_givesTheValue(string group, string json)
    {
        using var item = JsonDocument.Parse(json);
        foreach (var encoding in Encodings(item.RootElement))
        {
            var reader = new MsgPackReader(encoding);
            CheckValue(ref reader, group, item.RootElement);
            Assert.Equal(MsgPackKind.End, reader.PeekKind());

            var skipper = new MsgPackReader(encoding);
            Assert.True(skipper.TrySkip());
            Assert.Equal(encoding.Length, skipper.Position);
            Assert.Equal(ScanResult.Complete, new MessageScanner(1 << 20).Scan(encoding, out var consumed));
            Assert.Equal(encoding.Length, consumed);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Read_everyEncodingCutShort_isRefused(string group, string json)
    {
        using var item = JsonDocument.Parse(json);
        foreach (var encoding in Encodings(item.RootElement))
        {
            for (var length = 0; length < encoding.Length; length++)
            {
                var cut = new MsgPackReader(encoding.AsSpan(0, length));
                Assert.False(cut.TrySkip(), $"{group}: {length} bytes of {Convert.ToHexString(encoding)}");
                Assert.Equal(0, cut.Position);
                Assert.Equal(ScanResult.NeedMore, new MessageScanner(1 << 20).Scan(encoding.AsSpan(0, length), out _));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Write_value_takesTheSmallestEncoding(string group, string json)
    {
        using var item = JsonDocument.Parse(json);
        using var writer = new MsgPackWriter();
        WriteValue(writer, item.RootElement);
        var encodings = Encodings(item.RootElement).ToList();
        var written = writer.Written.ToArray();
        Assert.Contains(encodings, encoding => encoding.AsSpan().SequenceEqual(written));

        // Numbers with a fraction are always written as binary64, so that no bit of a NaN is lost; whole numbers never as floats.
        var floats = encodings.RemoveAll(encoding => encoding[0] is 0xca or 0xcb);
        if (group == "22.number-float.yaml") Assert.True(floats > 0 && written.Length == 9);
        else Assert.Equal(encodings.Min(encoding => encoding.Length), written.Length);
    }

    private static IEnumerable<byte[]> Encodings(JsonElement item) =>
        item.GetProperty("msgpack").EnumerateArray().Select(text => Convert.FromHexString(text.GetString()!.Replace("-", string.Empty, StringComparison.Ordinal)));

    private static void CheckValue(ref MsgPackReader reader, string group, JsonElement item)
    {
        if (item.TryGetProperty("nil", out _)) Assert.True(reader.TryReadNil());
        else if (item.TryGetProperty("timestamp", out var timestamp)) CheckTimestamp(ref reader, timestamp);
        else if (item.TryGetProperty("binary", out var binary)) Assert.True(reader.TryReadBinary(out var bytes) && Hex(binary).AsSpan().SequenceEqual(bytes));
        else if (item.TryGetProperty("ext", out var extension))
        {
            Assert.True(reader.TryReadExtension(out var type, out var data));
            Assert.Equal(extension[0].GetInt32(), type);
            Assert.Equal(Hex(extension[1]), data.ToArray());
        }
        else if (item.TryGetProperty("bignum", out var big)) CheckNumber(ref reader, big.GetString()!);
        else CheckJson(ref reader, item.EnumerateObject().First(property => property.Name != "msgpack").Value, group);
    }

    private static void CheckJson(ref MsgPackReader reader, JsonElement value, string group)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.True or JsonValueKind.False:
                Assert.True(reader.TryReadBoolean(out var flag));
                Assert.Equal(value.GetBoolean(), flag);
                break;
            case JsonValueKind.Number:
                CheckNumber(ref reader, value.GetRawText());
                break;
            case JsonValueKind.String:
                Assert.True(reader.TryReadString(out var text));
                Assert.Equal(value.GetString(), Encoding.UTF8.GetString(text));
                break;
            case JsonValueKind.Array:
                Assert.True(reader.TryReadArrayHeader(out var count));
                Assert.Equal(value.GetArrayLength(), count);
                foreach (var element in value.EnumerateArray()) CheckJson(ref reader, element, group);
                break;
            case JsonValueKind.Object:
                Assert.True(reader.TryReadMapHeader(out var pairs));
                Assert.Equal(value.EnumerateObject().Count(), pairs);
                foreach (var pair in value.EnumerateObject())
                {
                    Assert.True(reader.TryReadString(out var key));
                    Assert.Equal(pair.Name, Encoding.UTF8.GetString(key));
                    CheckJson(ref reader, pair.Value, group);
                }

                break;
            default:
                Assert.Fail($"{group}: {value.ValueKind} is not known to this test.");
                break;
        }
    }

    private static void CheckNumber(ref MsgPackReader reader, string text)
    {
        var whole = Int128.TryParse(text, CultureInfo.InvariantCulture, out var integer);
        var exact = reader;
        if (reader.PeekKind() == MsgPackKind.Integer)
        {
            Assert.True(whole);
            Assert.Equal(integer <= long.MaxValue, exact.TryReadInt64(out var signed));
            if (integer <= long.MaxValue) Assert.Equal((long)integer, signed);
            exact = reader;
            Assert.Equal(integer >= 0, exact.TryReadUInt64(out var unsigned));
            if (integer >= 0) Assert.Equal((ulong)integer, unsigned);
        }

        Assert.True(reader.TryReadDouble(out var number));
        Assert.Equal(double.Parse(text, CultureInfo.InvariantCulture), number);
    }

    private static void CheckTimestamp(ref MsgPackReader reader, JsonElement timestamp)
    {
        Assert.True(reader.TryReadTimestamp(out var micros));
        Assert.Equal((timestamp[0].GetInt64() * 1_000_000) + (timestamp[1].GetInt64() / 1000), micros);
    }

    private static void WriteValue(MsgPackWriter writer, JsonElement item)
    {
        if (item.TryGetProperty("nil", out _)) writer.WriteNil();
        else if (item.TryGetProperty("timestamp", out var timestamp)) writer.WriteTimestamp(timestamp[0].GetInt64(), timestamp[1].GetUInt32());
        else if (item.TryGetProperty("binary", out var binary)) writer.WriteBinary(Hex(binary));
        else if (item.TryGetProperty("ext", out var extension)) writer.WriteExtension(extension[0].GetSByte(), Hex(extension[1]));
        else if (item.TryGetProperty("bignum", out var big)) WriteNumber(writer, big.GetString()!);
        else WriteJson(writer, item.EnumerateObject().First(property => property.Name != "msgpack").Value);
    }

    private static void WriteJson(MsgPackWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.True or JsonValueKind.False:
                writer.Write(value.GetBoolean());
                break;
            case JsonValueKind.Number:
                WriteNumber(writer, value.GetRawText());
                break;
            case JsonValueKind.String:
                writer.WriteString(value.GetString()!);
                break;
            case JsonValueKind.Array:
                writer.WriteArrayHeader(value.GetArrayLength());
                foreach (var element in value.EnumerateArray()) WriteJson(writer, element);
                break;
            default:
                writer.WriteMapHeader(value.EnumerateObject().Count());
                foreach (var pair in value.EnumerateObject())
                {
                    writer.WriteString(pair.Name);
                    WriteJson(writer, pair.Value);
                }

                break;
        }
    }

    private static void WriteNumber(MsgPackWriter writer, string text)
    {
        if (long.TryParse(text, CultureInfo.InvariantCulture, out var signed)) writer.Write(signed);
        else if (ulong.TryParse(text, CultureInfo.InvariantCulture, out var unsigned)) writer.Write(unsigned);
        else writer.Write(double.Parse(text, CultureInfo.InvariantCulture));
    }

    private static byte[] Hex(JsonElement text) => Convert.FromHexString(text.GetString()!.Replace("-", string.Empty, StringComparison.Ordinal));
}
