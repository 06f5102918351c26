using System.Text;
using System.Text.Json;
using DataLayer.Engines.Events;
using DataLayer.Fuzzing;
using DataLayer.Protocol;

namespace DataLayer.Engines.Tests.Events;

public sealed class EventJsonTests
{
    [Fact]
    public void ToUtf8_eachKind_isAsDocumented()
    {
        using var writer = new MsgPackWriter();
        writer.WriteMapHeader(12);
        Put("nil", writer.WriteNil);
        Put("flag", () => writer.Write(true));
        Put("least", () => writer.Write(long.MinValue));
        Put("most", () => writer.Write(ulong.MaxValue));
        Put("half", () => writer.Write(0.5));
        Put("nan", () => writer.Write(double.NaN));
        Put("minus", () => writer.Write(double.NegativeInfinity));
        Put("text", () => writer.WriteString("ü\"<"));
        Put("bytes", () => writer.WriteBinary([0xff, 0xfe]));
        Put("when", () => writer.WriteTimestamp(1_763_899_200_250_000));
        Put("own", () => writer.WriteExtension(7, [1]));
        writer.Write(5);
        writer.WriteArrayHeader(2);
        writer.Write(1);
        writer.WriteMapHeader(0);
        Assert.Equal(
            """{"nil":null,"flag":true,"least":-9223372036854775808,"most":18446744073709551615,"half":0.5,"nan":"NaN","minus":"-Infinity","text":"ü\"<","bytes":"//4=","when":"2025-11-23T12:00:00.25Z","own":{"type":7,"data":"AQ=="},"5":[1,{}]}""",
            Encoding.UTF8.GetString(EventJson.ToUtf8(writer.Written)));

        void Put(string key, Action value)
        {
            writer.WriteString(key);
            value();
        }
    }

    [Fact]
    public void ToUtf8_textThatIsNoUtf8_isReplaced() =>
        Assert.Equal("{\"\uFFFD\":\"a\uFFFD\"}", Encoding.UTF8.GetString(EventJson.ToUtf8([0x81, 0xa1, 0xff, 0xa2, (byte)'a', 0xc0])));

    [Fact]
    public void ToUtf8_anyDocument_isJson() => Fuzz.Run(5_000, random =>
    {
        using var writer = new MsgPackWriter();
        Value(writer, random, 6);
        return writer.Written.ToArray();
    }, (bytes, _) =>
    {
        if (!new MsgPackReader(bytes).TrySkip()) return;
        using var json = JsonDocument.Parse(EventJson.ToUtf8(bytes));
    });

    [Theory]
    [InlineData("lat", "lon", 52.5, 13.4, true)]
    [InlineData("latitude", "longitude", -90, 180, true)]
    [InlineData("lat", "lng", 1, 2, true)]
    [InlineData("lat", "lon", 90.1, 13.4, false)]
    [InlineData("lat", "lon", 5, -180.1, false)]
    [InlineData("lat", "lon", double.NaN, 1, false)]
    [InlineData("lat", "x", 1, 2, false)]
    public void TryFind_place(string northKey, string eastKey, double latitude, double longitude, bool expected)
    {
        using var writer = new MsgPackWriter();
        writer.WriteMapHeader(3);
        writer.WriteArrayHeader(1);
        writer.WriteNil();
        writer.WriteString("other");
        writer.WriteString(eastKey);
        writer.Write(longitude);
        writer.WriteString(northKey);
        writer.Write(latitude);
        Assert.Equal(expected, EventPlace.TryFind(writer.Written, out var north, out var east));
        if (expected) Assert.Equal((latitude, longitude), (north, east));
    }

    private static void Value(MsgPackWriter writer, Random random, int depth)
    {
        switch (random.Next(depth == 0 ? 6 : 8))
        {
            case 0: writer.WriteNil(); break;
            case 1: writer.Write(random.NextInt64()); break;
            case 2: writer.Write(BitConverter.Int64BitsToDouble(random.NextInt64())); break;
            case 3: writer.WriteString([(byte)random.Next(256), (byte)random.Next(256)]); break;
            case 4: writer.WriteBinary([(byte)random.Next(256)]); break;
            case 5: writer.WriteExtension((sbyte)random.Next(-2, 2), new byte[random.Next(3) * 4]); break;
            case 6:
                writer.WriteArrayHeader(2);
                Value(writer, random, depth - 1);
                Value(writer, random, depth - 1);
                break;
            default:
                writer.WriteMapHeader(1);
                Value(writer, random, depth - 1);
                Value(writer, random, depth - 1);
                break;
        }
    }
}
