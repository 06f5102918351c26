namespace DataLayer.Protocol.Tests;

/// <summary>What the examples of docs/protocol.md mean, written by our encoder: by the name after ```msgpack in the page.</summary>
internal static class ProtocolExamples
{
    private const long Time = 1_767_225_600_000_000; // 2026-01-01T00:00:00Z

    public static readonly IReadOnlyDictionary<string, Action<MsgPackWriter>> All = new Dictionary<string, Action<MsgPackWriter>>
    {
        ["line"] = writer => MessageEncoder.WriteLine(writer, "cpu_load", [new("host", "a")], Time, 0.5),
        ["line-quality"] = writer => MessageEncoder.WriteLine(writer, "cpu_load", [], Time, 0.5, 0.25f),
        ["line-stale"] = writer => MessageEncoder.WriteLine(writer, "cpu_load", [new("host", "a")], null, ProtocolLimits.StaleMarker),
        ["line-timestamp"] = writer =>
        {
            writer.WriteArrayHeader(4);
            writer.WriteString("up");
            writer.WriteNil();
            writer.WriteTimestamp(Time + 500_000);
            writer.Write(true);
        },
        ["point"] = writer => MessageEncoder.WritePoint(writer, "cpu", [new("host", "a")], Time, [new("user", 12.5), new("value", 3)]),
        ["hello"] = writer => MessageEncoder.WriteHello(writer, "rack-7", "secret", AckMode.Durable),
        ["hello-least"] = writer => MessageEncoder.WriteHello(writer),
        ["welcome"] = writer => MessageEncoder.WriteWelcome(writer, "datalayerd 0.1.0", 41, 16 << 20, 64 << 20, Time),
        ["schema"] = Schema,
        ["row"] = Row,
        ["block"] = writer => MessageEncoder.WriteBlock(writer, 1, [Time, Time + 1_000_000], [0.5, 2, 0.75, 3]),
        ["batch"] = writer =>
        {
            using var messages = new MsgPackWriter();
            Schema(messages);
            Row(messages);
            MessageEncoder.WriteBatch(writer, 42, BatchCodec.None, messages.LengthBytes, messages.Written);
        },
        ["flush"] = writer => MessageEncoder.WriteFlush(writer, 7),
        ["event"] = writer => MessageEncoder.WriteEvent(writer, "deploy", "ci", Time, [0x81, 0xa2, (byte)'o', (byte)'k', 0xc3]),
        ["datagram"] = writer =>
        {
            MessageEncoder.WriteDatagramHeader(writer, "sensor-3", 1);
            MessageEncoder.WriteLine(writer, "temp", [], Time, 21.5);
        },
        ["ack"] = writer => MessageEncoder.WriteAck(writer, 42),
        ["error"] = writer => MessageEncoder.WriteError(writer, 42, ErrorCode.BadContent, "1 line: the name is empty"),
    };

    private static void Schema(MsgPackWriter writer)
    {
        MessageEncoder.WriteSchemaHeader(writer, 1, [new("host", "a")], 2);
        MessageEncoder.WriteSeries(writer, "cpu_load", []);
        MessageEncoder.WriteSeries(writer, "disk_used", [new("disk", "sda")]);
    }

    private static void Row(MsgPackWriter writer) => MessageEncoder.WriteRow(writer, 1, Time, [0.5, ProtocolLimits.StaleMarker]);
}
