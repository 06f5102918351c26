using System.Globalization;
using System.Text;
using Xunit;

namespace DataLayer.Protocol.Tests;

/// <summary>
/// Executes docs/protocol.md: each fenced block <c>```msgpack name</c> has the value on lines that begin with #, then its bytes in hex.
/// The bytes must read as that value, be what our encoder writes for it, and be whole messages for the scanner.
/// </summary>
public sealed class ProtocolPageTests
{
    private const string Fence = "```";

    [Fact]
    public void Page_hasEachExampleOnce() =>
        Assert.Equal(ProtocolExamples.All.Keys.Order(StringComparer.Ordinal), Blocks().Select(block => block.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void Examples_coverEveryOperation()
    {
        var ops = new HashSet<long>();
        foreach (var (_, _, bytes) in Blocks())
        {
            var reader = new MsgPackReader(bytes);
            if (reader.TryReadArrayHeader(out _) && reader.TryReadInt64(out var op)) ops.Add(op);
        }

        Assert.Equal(Enumerable.Range(0, Op.Count).Select(op => (long)op), ops.Order());
    }

    [Fact]
    public void Examples_readAsTheyAreShown()
    {
        foreach (var (name, shown, bytes) in Blocks()) Assert.Equal($"{name}: {Show(bytes)}", $"{name}: {shown}");
    }

    [Fact]
    public void Examples_areWhatOurEncoderWrites()
    {
        foreach (var (name, _, bytes) in Blocks())
        {
            using var writer = new MsgPackWriter();
            ProtocolExamples.All[name](writer);
            Assert.True(writer.Written.SequenceEqual(bytes), $"{Fence}msgpack {name}\n# {Show(writer.Written)}\n{Hex(writer.Written)}\n{Fence}");
        }
    }

    [Fact]
    public void Examples_areWholeMessages()
    {
        var scanner = new MessageScanner(ProtocolLimits.MaxMessageBytes);
        foreach (var (name, _, bytes) in Blocks())
        {
            var rest = bytes.AsSpan();
            while (!rest.IsEmpty)
            {
                Assert.True(scanner.Scan(rest, out var length) == ScanResult.Complete, name);
                rest = rest[length..];
            }
        }
    }

    private static List<(string Name, string Shown, byte[] Bytes)> Blocks()
    {
        var blocks = new List<(string, string, byte[])>();
        using var lines = File.ReadLines(Path.Combine(Repository.Root, "docs", "protocol.md")).GetEnumerator();
        while (lines.MoveNext())
        {
            if (!lines.Current.StartsWith(Fence + "msgpack ", StringComparison.Ordinal)) continue;
            var name = lines.Current[(Fence.Length + 8)..];
            var shown = new List<string>();
            var hex = new StringBuilder();
            while (lines.MoveNext() && lines.Current != Fence)
            {
                if (lines.Current.StartsWith('#')) shown.Add(lines.Current[1..].Trim());
                else hex.Append(lines.Current.Replace(" ", string.Empty, StringComparison.Ordinal));
            }

            blocks.Add((name, string.Join(' ', shown), Convert.FromHexString(hex.ToString())));
        }

        return blocks;
    }

    private static string Hex(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        for (var i = 0; i < bytes.Length; i++) text.Append(bytes[i].ToString("x2", CultureInfo.InvariantCulture)).Append(i % 32 == 31 ? '\n' : ' ');
        return text.ToString().Replace(" \n", "\n", StringComparison.Ordinal).Trim();
    }

    private static string Show(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        var reader = new MsgPackReader(bytes);
        while (reader.PeekKind() != MsgPackKind.End)
        {
            if (text.Length > 0) text.Append(' ');
            Show(ref reader, text);
        }

        return text.ToString();
    }

    private static void Show(ref MsgPackReader reader, StringBuilder text)
    {
        if (reader.TryReadNil()) text.Append("nil");
        else if (reader.TryReadBoolean(out var flag)) text.Append(flag ? "true" : "false");
        else if (reader.TryReadInt64(out var integer)) text.Append(CultureInfo.InvariantCulture, $"{integer}");
        else if (reader.TryReadDouble(out var number)) text.Append(number.ToString("0.0###", CultureInfo.InvariantCulture));
        else if (reader.TryReadString(out var utf8)) text.Append('"').Append(Encoding.UTF8.GetString(utf8)).Append('"');
        else if (reader.TryReadTimestamp(out var micros)) text.Append("timestamp ").Append((DateTime.UnixEpoch.AddMicroseconds(micros)).ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture));
        else if (reader.TryReadBinary(out var binary)) text.Append(CultureInfo.InvariantCulture, $"bin of {binary.Length}");
        else if (reader.TryReadArrayHeader(out var count)) ShowItems(ref reader, text, count, isMap: false);
        else if (reader.TryReadMapHeader(out var pairs)) ShowItems(ref reader, text, pairs, isMap: true);
        else Assert.Fail($"Not readable at byte {reader.Position}.");
    }

    private static void ShowItems(ref MsgPackReader reader, StringBuilder text, int count, bool isMap)
    {
        text.Append(isMap ? '{' : '[');
        for (var i = 0; i < count; i++)
        {
            if (i > 0) text.Append(", ");
            Show(ref reader, text);
            if (!isMap) continue;
            text.Append(": ");
            Show(ref reader, text);
        }

        text.Append(isMap ? '}' : ']');
    }
}
