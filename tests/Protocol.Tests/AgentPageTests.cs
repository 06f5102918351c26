using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace DataLayer.Protocol.Tests;

/// <summary>Runs the programs of docs/write-your-own-agent.md against a socket, and reads what they send.</summary>
public sealed class AgentPageTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task TcpProgram_sendsALineAndWaitsForItsAck()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var program = Start("tcp", ((IPEndPoint)listener.LocalEndpoint).Port);
        using var deadline = new CancellationTokenSource(Patience);
        using var connection = await listener.AcceptSocketAsync(deadline.Token);
        var bytes = new byte[4096];
        var scanner = new MessageScanner(bytes.Length);
        var (received, seen, messages) = (0, 0, 0);
        while (messages < 2)
        {
            received += await connection.ReceiveAsync(bytes.AsMemory(received), deadline.Token);
            while (messages < 2 && scanner.Scan(bytes.AsSpan(seen, received - seen), out var consumed) is var result)
            {
                seen += consumed;
                if (result == ScanResult.NeedMore) break;
                Assert.Equal(ScanResult.Complete, result);
                messages++;
            }
        }

        Assert.False(program.HasExited);
        var flush = CheckLine(bytes.AsSpan(0, received), "kitchen", 21.5);
        Assert.Equal([0x92, 5, 1], bytes[flush..received]);
        await connection.SendAsync(new byte[] { 0x92, 8, 1 }, deadline.Token);
        await program.WaitForExitAsync(deadline.Token);
        Assert.Equal(0, program.ExitCode);
    }

    [Fact]
    public async Task UdpProgram_sendsAHeaderAndALine()
    {
        using var receiver = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var program = Start("udp", ((IPEndPoint)receiver.Client.LocalEndPoint!).Port);
        using var deadline = new CancellationTokenSource(Patience);
        var datagram = (await receiver.ReceiveAsync(deadline.Token)).Buffer;
        var header = ReadHeader(datagram);
        Assert.Equal(datagram.Length - header, CheckLine(datagram.AsSpan(header), "hall", 19));
        await program.WaitForExitAsync(deadline.Token);
        Assert.Equal(0, program.ExitCode);
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("udp")]
    public void Program_hasAtMostTenLines(string name) => Assert.InRange(Program(name).Split('\n').Length, 1, 10);

    private static int ReadHeader(byte[] datagram)
    {
        var reader = new MsgPackReader(datagram);
        Assert.True(reader.TryReadArrayHeader(out var count) && count == 3);
        Assert.True(reader.TryReadInt64(out var op) && op == Op.Datagram);
        Assert.True(reader.TryReadString(out var source) && source.SequenceEqual("kitchen-sensor"u8));
        Assert.True(reader.TryReadInt64(out var number) && number == 1);
        return reader.Position;
    }

    private static int CheckLine(ReadOnlySpan<byte> bytes, string room, double expected)
    {
        var reader = new MsgPackReader(bytes);
        Assert.True(reader.TryReadArrayHeader(out var count) && count == 4);
        Assert.True(reader.TryReadString(out var name) && name.SequenceEqual("room_temperature"u8));
        Assert.True(reader.TryReadMapHeader(out var labels) && labels == 1);
        Assert.True(reader.TryReadString(out var label) && label.SequenceEqual("room"u8));
        Assert.True(reader.TryReadString(out var value));
        Assert.Equal(room, Encoding.UTF8.GetString(value));
        Assert.True(reader.TryReadInt64(out var time) && time > 1_700_000_000_000_000);
        Assert.True(reader.TryReadDouble(out var number) && number == expected);
        return reader.Position;
    }

    private static Process Start(string name, int port)
    {
        var start = new ProcessStartInfo("python3") { ArgumentList = { "-c", Program(name) }, Environment = { ["DATALAYER_INGEST"] = $"127.0.0.1:{port}" } };
        return Process.Start(start) ?? throw new InvalidOperationException("python3 did not start.");
    }

    /// <summary>The fenced block after the marker of this name.</summary>
    private static string Program(string name)
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "write-your-own-agent.md"));
        var marker = $"<!-- program: {name} -->\n```python\n";
        var start = page.IndexOf(marker, StringComparison.Ordinal);
        Assert.True(start >= 0, $"The page has no program {name}.");
        start += marker.Length;
        return page[start..page.IndexOf("\n```", start, StringComparison.Ordinal)];
    }
}
