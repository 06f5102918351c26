using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Xunit;

namespace DataLayer.Daemon.Tests;

/// <summary>Events from outside: what was acked is there, once, through kill −9 and flushes.</summary>
public sealed class EventTests
{
    [Fact]
    public async Task Events_overTcpUdpAndHttp_areAnswered()
    {
        await using var daemon = await DaemonProcess.StartAsync();
        using (var client = await daemon.ConnectAsync()) await Wire.SendAndAwaitAckAsync(client, Wire.Event("deploy", "tcp", 1));
        using (var udp = new UdpClient()) await udp.SendAsync(Wire.Event("alert", "udp", 2), daemon.Ingest);
        var (status, body) = await daemon.PostAsync("/api/v1/write", [.. Wire.Event("deploy", "http", 3), .. Wire.Event("", "refused", 4)]);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.StartsWith("""{"accepted":0,"rejected":{},"events":{"accepted":1,"rejected":{"bad_content":1}},"firstError":{"code":4,""", body, StringComparison.Ordinal);
        var now = await daemon.StatusWhenAsync(now => now.GetProperty("events").GetProperty("stored").GetInt64() == 3);
        var events = now.GetProperty("events");
        Assert.Equal((4, 1, 0), (events.GetProperty("received").GetInt64(), events.GetProperty("rejected").GetProperty("bad_content").GetInt64(), events.GetProperty("inFlight").GetInt64()));
        Assert.Equal(0, now.GetProperty("conservation").GetProperty("received").GetInt64());
        Assert.Equal(["http", "tcp", "udp"], await IdsAsync(daemon, ""));
        Assert.Equal(["http", "tcp"], await IdsAsync(daemon, "?type=deploy&near=52.5,13.4,100"));
        Assert.Empty(await IdsAsync(daemon, "?within=10,10%3B10,11%3B11,11"));
        Assert.Contains("datalayer_ingest_events_stored_total 3", (await daemon.GetAsync("/metrics")).Body, StringComparison.Ordinal);
        var (_, rows) = await daemon.PostAsync("/api/v1/sql", "SELECT count(*) FROM events WHERE latitude > 52 AND (document->>'$.n')::INT < 3"u8.ToArray());
        Assert.Contains("[[2]]", rows, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AgentPageProgram_runAsItStands_isStored()
    {
        await using var daemon = await DaemonProcess.StartAsync();
        var page = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "write-your-own-agent.md"));
        var code = page[(page.IndexOf("```python\n", page.IndexOf("<!-- program: event -->", StringComparison.Ordinal), StringComparison.Ordinal) + 10)..];
        var start = new System.Diagnostics.ProcessStartInfo("python3", ["-c", code[..code.IndexOf("```", StringComparison.Ordinal)]]);
        start.Environment["DATALAYER_INGEST"] = daemon.Ingest.ToString();
        using var python = System.Diagnostics.Process.Start(start)!;
        await python.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, python.ExitCode);
        Assert.Equal(["door-1"], await IdsAsync(daemon, "?type=door_opened&source=kitchen"));
    }

    [Theory]
    [InlineData("?near=1,2")]
    [InlineData("?near=91,2,3")]
    [InlineData("?near=1,2,-3")]
    [InlineData("?within=1,2%3B3,4")]
    [InlineData("?within=1,2%3B3,4%3Bx,6")]
    [InlineData("?colour=red")]
    [InlineData("?limit=0")]
    [InlineData("?engine=nobody")]
    public async Task Events_wrongQuestion_is400(string query)
    {
        await using var daemon = await DaemonProcess.StartAsync();
        Assert.Equal(HttpStatusCode.BadRequest, (await daemon.GetAsync("/api/v1/events" + query)).Status);
    }

    [Fact]
    public async Task Kill_inTheMiddle_keepsEachAckedEventOnce()
    {
        var folder = DaemonProcess.NewFolder();
        var (acked, sent) = (0, 0);
        try
        {
            for (var life = 0; life < 3; life++)
            {
                await using var daemon = await DaemonProcess.StartAsync(folder, "--set", "Lake:FlushInterval=1s");
                using var client = await daemon.ConnectAsync();
                var stream = client.GetStream();
                await stream.WriteAsync(Wire.Hello("agent-1"));
                if (life > 0) sent = acked; // What was not acked is sent again, under the same numbers.
                var killAt = acked + 40;
                while (acked < killAt)
                {
                    // Two of a batch have ids; of the third, whose id the server makes, the batch's number makes one.
                    var seq = ++sent;
                    await stream.WriteAsync(Wire.Batch(seq, [.. Wire.Event("t", $"id-{seq}", seq), .. Wire.Event("again", "same", seq), .. NoId(seq)]));
                    if (sent - acked < 10) continue;
                    acked = await ReadAckAsync(stream);
                    await Task.Delay(20, TestContext.Current.CancellationToken); // So that flushes fall between.
                }

                await daemon.KillAsync();
            }

            await using var last = await DaemonProcess.StartAsync(folder);
            using (var client = await last.ConnectAsync())
            {
                var stream = client.GetStream();
                await stream.WriteAsync(Wire.Hello("agent-1"));
                for (var seq = acked + 1; seq <= sent; seq++) await stream.WriteAsync(Wire.Batch(seq, [.. Wire.Event("t", $"id-{seq}", seq), .. Wire.Event("again", "same", seq), .. NoId(seq)]));
                while (acked < sent) acked = await ReadAckAsync(stream);
            }

            Assert.Equal(Enumerable.Range(1, sent).Select(seq => $"id-{seq}").Order(StringComparer.Ordinal), await IdsAsync(last, "?type=t&limit=10000"));
            Assert.Equal(["same"], await IdsAsync(last, "?type=again"));
            using var made = JsonDocument.Parse((await last.GetAsync("/api/v1/events?type=none&limit=10000")).Body);
            Assert.Equal(Enumerable.Range(1, sent), made.RootElement.GetProperty("events").EnumerateArray().Select(one => one.GetProperty("document").GetProperty("n").GetInt32()).Order());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static byte[] NoId(int n)
    {
        using var writer = new Protocol.MsgPackWriter();
        using var document = new Protocol.MsgPackWriter();
        document.WriteMapHeader(1);
        document.WriteString("n");
        document.Write(n);
        Protocol.MessageEncoder.WriteEvent(writer, "none", "", null, document.Written);
        return writer.Written.ToArray();
    }

    /// <summary>The number of the next ack; the welcome before it is passed over.</summary>
    private static async Task<int> ReadAckAsync(NetworkStream stream)
    {
        var bytes = new List<byte>();
        var one = new byte[1];
        while (true)
        {
            if (await stream.ReadAsync(one) == 0) throw new EndOfStreamException();
            bytes.Add(one[0]);
            if (new Protocol.MessageScanner(1 << 20).Scan(bytes.ToArray(), out _) != Protocol.ScanResult.Complete) continue;
            var reader = new Protocol.MsgPackReader(bytes.ToArray());
            reader.TryReadArrayHeader(out _);
            reader.TryReadInt64(out var op);
            if (op == 8 && reader.TryReadInt64(out var seq)) return (int)seq;
            bytes.Clear();
        }
    }

    private static async Task<List<string>> IdsAsync(DaemonProcess daemon, string query)
    {
        var (status, body) = await daemon.GetAsync("/api/v1/events" + query);
        Assert.Equal(HttpStatusCode.OK, status);
        using var json = JsonDocument.Parse(body);
        return [.. json.RootElement.GetProperty("events").EnumerateArray().Select(one => one.GetProperty("id").GetString()!).Order(StringComparer.Ordinal)];
    }
}
