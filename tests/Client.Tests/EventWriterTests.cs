using System.Text.Json;
using DataLayer.Protocol;
using Xunit;

namespace DataLayer.Client.Tests;

public sealed class EventWriterTests
{
    private static readonly DateTimeOffset Time = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123);

    [Fact]
    public void Write_anyFields_isTheMessageOfTheProtocol()
    {
        using var json = JsonDocument.Parse("""{"a":[1,-2.5,null],"b":18446744073709551615}""");
        var document = new Dictionary<string, object?>
        {
            ["id"] = "r-1", ["none"] = null, ["flag"] = true, ["count"] = 7, ["most"] = ulong.MaxValue, ["half"] = 0.5, ["bytes"] = new byte[] { 1, 2 }, ["when"] = Time,
            ["list"] = new object?[] { 1, "x" }, ["map"] = new Dictionary<string, object?> { ["k"] = -1L }, ["json"] = json.RootElement,
        };
        using var writer = new MsgPackWriter();
        EventWriter.Write(writer, new AgentEvent("deploy", "ci", document), Time);

        using var expected = new MsgPackWriter();
        expected.WriteMapHeader(11);
        Put("id", () => expected.WriteString("r-1"));
        Put("none", expected.WriteNil);
        Put("flag", () => expected.Write(true));
        Put("count", () => expected.Write(7));
        Put("most", () => expected.Write(ulong.MaxValue));
        Put("half", () => expected.Write(0.5));
        Put("bytes", () => expected.WriteBinary([1, 2]));
        Put("when", () => expected.WriteTimestamp(1_700_000_000_123_000));
        Put("list", () => expected.WriteArrayHeader(2));
        expected.Write(1);
        expected.WriteString("x");
        Put("map", () => expected.WriteMapHeader(1));
        Put("k", () => expected.Write(-1));
        Put("json", () => expected.WriteMapHeader(2));
        Put("a", () => expected.WriteArrayHeader(3));
        expected.Write(1);
        expected.Write(-2.5);
        expected.WriteNil();
        Put("b", () => expected.Write(ulong.MaxValue));
        using var message = new MsgPackWriter();
        MessageEncoder.WriteEvent(message, "deploy", "ci", 1_700_000_000_123_000, expected.Written);
        Assert.Equal(message.Written.ToArray(), writer.Written.ToArray());

        void Put(string key, Action value)
        {
            expected.WriteString(key);
            value();
        }
    }

    [Fact]
    public void Write_aValueThatNoMessageHolds_throws()
    {
        using var writer = new MsgPackWriter();
        Assert.Throws<ArgumentException>(() => EventWriter.Write(writer, new AgentEvent("t", "", new Dictionary<string, object?> { ["x"] = new Uri("http://x") }), Time));
        Assert.Equal(0, writer.LengthBytes);
    }
}
