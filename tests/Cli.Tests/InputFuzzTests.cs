using System.Text;
using DataLayer.Cli.Input;
using DataLayer.Fuzzing;
using DataLayer.Protocol;
using Xunit;

namespace DataLayer.Cli.Tests;

/// <summary>Files that are nearly right: whatever is in them, what is sent is whole messages, and what is not is told by its place. See <see cref="Fuzz"/> for the long form.</summary>
public sealed class InputFuzzTests
{
    private const string Csv = "name,value,time,quality,host,labels\nroom,21.5,2026-03-01T10:00:00Z,0.5,a,\"{\"\"k\"\":\"\"v\"\"}\"\n\"a,b\",NaN,-1h,,,k=v;l=w\ncpu,1e3,1763899200.25,1,\"x\ny\",\n";
    private const string Lines = "# HELP cpu\ncpu{host=\"a\",mode=\"x\\n\\\"y\"} 1.5 1763899200.25\nmem 7\nup{} +Inf 2026-03-01 # {trace=\"1\"} 2\nx{a=\"b\",} stale -1m\n";
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("csv", Csv)]
    [InlineData("lines", Lines)]
    public void TextSource_nearlyRight_sendsWholeLinesAndTellsTheRest(string format, string text) =>
        Fuzz.Run(10_000, random => random.Next(10) == 0 ? text : Mutation.Of(random, text), (input, _) => Check(format, Encoding.UTF8.GetBytes(input), input.Count(c => c is '\n' or '\r') + 1));

    [Fact]
    public void MsgPackSource_nearlyRight_sendsWholeMessagesAndTellsTheRest() => Fuzz.Run(3_000, random =>
    {
        byte[] bytes = [.. Enumerable.Range(0, random.Next(1, 6)).SelectMany(_ => Message(random))];
        return random.Next(8) == 0 ? bytes : Mutation.Of(random, bytes);
    }, (bytes, _) => Check("msgpack", bytes, bytes.Length + 1));

    /// <summary>Times: what is taken lies in the years that can be written down, and an absolute one is the same whenever it is read.</summary>
    [Fact]
    public void TimeText_nearlyRight_isATimeOrNone() => Fuzz.Run(30_000, random => Mutation.Of(random, Times[random.Next(Times.Length)]), (text, _) =>
    {
        if (!TimeText.TryParse(text, Now, out var micros)) return;
        Assert.InRange(micros, -253_402_300_799_000_000, 2 * 253_402_300_799_000_000);
        Assert.True(TimeText.TryParse(text, Now.AddHours(1), out var later));
        Assert.True(later == micros || later == micros + 3_600_000_000, $"{micros}, an hour later {later}");
    });

    private static readonly string[] Times = ["now", "-1h", "now-15m30s", "+7d", "2026-03-01T10:00:00Z", "2026-03-01 10:00:00.123456+02:00", "2026-03-01", "1763899200.25", "-0.5", "-1w2d3h4m5s6ms7us", "-253402300799s", "-253402300799s253402300799s253402300799s"];

    private static void Check(string format, byte[] bytes, long positionsMax) => Fuzz.Bounded(8 << 20, () =>
    {
        MessageSource? opened = null;
        if (!Fuzz.Succeeds(() => opened = MessageSource.Open(format, new MemoryStream(bytes), Now), fault => fault is CliException)) return;
        using var source = opened!;
        using var writer = new MsgPackWriter();
        var (position, length) = (0L, 0);
        while (source.TryNext(writer, out var item))
        {
            Assert.InRange(item.Position, position + (format == "csv" ? 0 : 1), positionsMax);
            position = item.Position;
            var written = writer.Written[length..];
            length = writer.Written.Length;
            if (item.Error is not null)
            {
                Assert.True(written.IsEmpty && item.Error.Length > 0);
                continue;
            }

            Assert.InRange(item.Samples, 0, Math.Max(1, bytes.Length));
            Assert.Equal(ScanResult.Complete, new MessageScanner(ProtocolLimits.MaxMessageBytes).Scan(written, out var consumed));
            Assert.Equal(written.Length, consumed);
        }
    });

    private static byte[] Message(Random random)
    {
        if (random.Next(4) == 0) return MsgPackInputs.Any(random);
        using var writer = new MsgPackWriter();
        switch (random.Next(5))
        {
            case 0: MessageEncoder.WriteLine(writer, "cpu", [new("host", "a")], 1, 2.5); break;
            case 1: MessageEncoder.WritePoint(writer, "disk", [], 1, [new("used", 1), new("free", 2)]); break;
            case 2: MessageEncoder.WriteRow(writer, 1, 1, [1, 2, 3]); break;
            case 3: MessageEncoder.WriteBlock(writer, 1, [1, 2], [1, 2, 3, 4]); break;
            default: MessageEncoder.WriteHello(writer, "agent", null, AckMode.Durable); break;
        }

        return writer.Written.ToArray();
    }
}
