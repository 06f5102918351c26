using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Xunit;

namespace DataLayer.Daemon.Tests;

/// <summary>The daemon from outside: what is sent is stored, what is acked is there, and the books balance.</summary>
public sealed class DaemonTests
{
    [Fact]
    public async Task Samples_overTcpUdpAndHttp_areAnsweredByQueries()
    {
        await using var daemon = await DaemonProcess.StartAsync();
        using (var client = await daemon.ConnectAsync()) await Wire.SendAndAwaitAckAsync(client, Wire.Line("by_tcp", 1.5));
        using (var udp = new UdpClient()) await udp.SendAsync(Wire.Line("by_udp", 2.5), daemon.Ingest);
        var (status, body) = await daemon.PostAsync("/api/v1/write", [.. Wire.Line("by_http", 3.5), .. Wire.Line("by_http_too", 4.5)]);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("""{"accepted":2,"rejected":{}}""", body);
        await daemon.StatusWhenAsync(now => Conserved(now, received: 4, stored: 4));
        Assert.Equal(1.5, await daemon.LatestAsync("by_tcp"));
        Assert.Equal(2.5, await daemon.LatestAsync("by_udp"));
        Assert.Equal(3.5, await daemon.LatestAsync("by_http"));
        var (sqlStatus, rows) = await daemon.PostAsync("/api/v1/sql", "SELECT name, value FROM samples ORDER BY name"u8.ToArray());
        Assert.Equal(HttpStatusCode.OK, sqlStatus);
        using var json = JsonDocument.Parse(rows);
        Assert.Equal(["by_http", "by_http_too", "by_tcp", "by_udp"], json.RootElement.GetProperty("rows").EnumerateArray().Select(row => row[0].GetString()));
    }

    [Fact]
    public async Task Write_ofABrokenBody_keepsWhatCameBefore()
    {
        await using var daemon = await DaemonProcess.StartAsync();
        var (status, body) = await daemon.PostAsync("/api/v1/write", [.. Wire.Line("before", 7), 0xc1, .. Wire.Line("after", 8)]);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        using var json = JsonDocument.Parse(body);
        Assert.Equal(1, json.RootElement.GetProperty("accepted").GetInt32());
        Assert.Equal(1, json.RootElement.GetProperty("firstError").GetProperty("code").GetInt32());
        Assert.Equal(7, await daemon.LatestAsync("before"));
        Assert.Null(await daemon.LatestAsync("after"));
    }

    [Fact]
    public async Task Terminate_afterSamples_endsWithZeroAndTheyAreThereAgain()
    {
        var folder = DaemonProcess.NewFolder();
        try
        {
            await using (var daemon = await DaemonProcess.StartAsync(folder))
            {
                using var client = await daemon.ConnectAsync();
                await Wire.SendAndAwaitAckAsync(client, Wire.Line("kept", 42));
                Assert.Equal(0, await daemon.TerminateAsync());
                var goodbye = await Wire.ReadToEndAsync(client, TestContext.Current.CancellationToken);
                Assert.Equal(8, Wire.ErrorCodeOf(goodbye));
                await daemon.WaitForOutputAsync("all samples are in the lake");
            }

            Assert.NotEmpty(Directory.GetFiles(Path.Combine(folder, "lake", "samples"), "*.parquet", SearchOption.AllDirectories));
            await using var again = await DaemonProcess.StartAsync(folder);
            Assert.Equal(42, await again.LatestAsync("kept"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Kill_afterAcks_losesNothingAndStoresABatchOnce()
    {
        var folder = DaemonProcess.NewFolder();
        try
        {
            byte[] batch = [.. Wire.Line("survivor", 1, 1_700_000_000_000_000), .. Wire.Line("survivor", 2, 1_700_000_001_000_000)];
            await using (var daemon = await DaemonProcess.StartAsync(folder))
            {
                using var client = await daemon.ConnectAsync();
                var stream = client.GetStream();
                await stream.WriteAsync(Wire.Hello("agent-1"));
                await stream.WriteAsync(Wire.Batch(1, batch));
                await ReadUntilAsync(stream, [0x92, 8, 1]);
                await daemon.KillAsync();
            }

            await using var again = await DaemonProcess.StartAsync(folder);
            using var second = await again.ConnectAsync();
            await second.GetStream().WriteAsync(Wire.Hello("agent-1"));
            await second.GetStream().WriteAsync(Wire.Batch(1, batch));
            await ReadUntilAsync(second.GetStream(), [0x92, 8, 1]);
            Assert.Equal(1, (await again.StatusAsync()).GetProperty("ingest").GetProperty("duplicateBatches").GetInt32());
            var (_, body) = await again.GetAsync("/api/v1/samples?name=survivor&start=1700000000&end=1700000010");
            using var json = JsonDocument.Parse(body);
            Assert.Equal([1.0, 2.0], json.RootElement.GetProperty("series")[0].GetProperty("samples").EnumerateArray().Select(sample => sample[1].GetDouble()));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Datagrams_ofNoise_areCountedAndHarmNobody()
    {
        await using var daemon = await DaemonProcess.StartAsync();
        const int Seed = 20_261_123;
        var random = new Random(Seed);
        using var udp = new UdpClient();
        for (var i = 0; i < 500; i++)
        {
            var noise = new byte[random.Next(1, 1400)];
            random.NextBytes(noise);
            await udp.SendAsync(noise, daemon.Ingest);
        }

        await udp.SendAsync(Wire.Line("after_noise", 9), daemon.Ingest);
        var status = await daemon.StatusWhenAsync(now => now.GetProperty("udp").GetProperty("datagrams").GetInt64() == 501 && IsIdle(now));
        Assert.True(Conserved(status), $"seed {Seed}: {status}");
        Assert.Equal(9, await daemon.LatestAsync("after_noise"));
    }

    [Fact]
    public async Task Garbage_overTcp_isAnsweredWithError1AndClosed()
    {
        await using var daemon = await DaemonProcess.StartAsync();
        using var client = await daemon.ConnectAsync();
        using var neighbour = await daemon.ConnectAsync();
        await client.GetStream().WriteAsync(new byte[] { 0xc1, 1, 2, 3 });

        Assert.Equal(1, Wire.ErrorCodeOf(await Wire.ReadToEndAsync(client, TestContext.Current.CancellationToken)));
        await Wire.SendAndAwaitAckAsync(neighbour, Wire.Line("neighbour", 1));
        Assert.True(Conserved(await daemon.StatusWhenAsync(IsIdle)));
    }

    [Fact]
    public async Task Message_neverFinished_isGivenUpAfterItsTime()
    {
        await using var daemon = await DaemonProcess.StartAsync(null, "--set", "Tcp:UnfinishedMessageTimeout=1s");
        using var slow = await daemon.ConnectAsync();
        using var idle = await daemon.ConnectAsync();
        await slow.GetStream().WriteAsync(Wire.Line("never", 1).AsMemory(0, 5));

        Assert.Empty(await Wire.ReadToEndAsync(slow, TestContext.Current.CancellationToken));
        await daemon.WaitForOutputAsync("left a message unfinished");
        await Wire.SendAndAwaitAckAsync(idle, Wire.Line("idle_is_fine", 1));
        Assert.Equal(1, (await daemon.StatusAsync()).GetProperty("connections").GetProperty("givenUp").GetInt32());
    }

    [Fact]
    public async Task Token_missingOrWrong_isRefused()
    {
        await using var daemon = await DaemonProcess.StartAsync(null, "--set", "Tcp:Token=secret", "--set", "Tcp:HelloTimeout=1s");
        using var wrong = await daemon.ConnectAsync();
        await wrong.GetStream().WriteAsync(Wire.Hello("a", "guess"));
        Assert.Equal(3, Wire.ErrorCodeOf(await Wire.ReadToEndAsync(wrong, TestContext.Current.CancellationToken)));

        using var silent = await daemon.ConnectAsync();
        Assert.Empty(await Wire.ReadToEndAsync(silent, TestContext.Current.CancellationToken));
        await daemon.WaitForOutputAsync("has not said hello");
        Assert.DoesNotContain("secret", daemon.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_tenThousandIdle_areHeldInBoundedMemory()
    {
        const int Count = 10_000;
        await using var daemon = await DaemonProcess.StartAsync();
        var before = daemon.ResidentBytes;
        var sockets = new List<Socket>(Count);
        try
        {
            for (var i = 0; i < Count; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                sockets.Add(socket);
                await socket.ConnectAsync(daemon.Ingest);
            }

            await daemon.StatusWhenAsync(now => now.GetProperty("connections").GetProperty("tcp").GetInt32() == Count);
            var perConnection = (daemon.ResidentBytes - before) / Count;
            Assert.True(perConnection < 16 * 1024, $"{perConnection} bytes per idle connection");
            using var client = await daemon.ConnectAsync();
            await Wire.SendAndAwaitAckAsync(client, Wire.Line("among_many", 1));
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }

        await daemon.StatusWhenAsync(now => now.GetProperty("connections").GetProperty("tcp").GetInt32() == 0);
    }

    [Fact]
    public async Task Metrics_forEveryStage_areOpenMetrics()
    {
        await using var daemon = await DaemonProcess.StartAsync();
        await daemon.PostAsync("/api/v1/write", Wire.Line("one", 1));
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{daemon.Http}/metrics");
        request.Headers.Accept.ParseAdd("application/openmetrics-text");
        using var response = await client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();

        Assert.StartsWith("application/openmetrics-text", response.Content.Headers.ContentType!.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("# EOF\n", text, StringComparison.Ordinal);
        Assert.Contains("\ndatalayer_ingest_samples_received_total 1", text, StringComparison.Ordinal);
        Assert.Contains("\ndatalayer_ingest_samples_stored_total 1", text, StringComparison.Ordinal);
        Assert.Contains("\ndatalayer_ingest_samples_rejected_total{reason=\"bad_content\"} 0", text, StringComparison.Ordinal);
        Assert.Contains("\ndatalayer_queue_ring_capacity_records 1024", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tail_ofAName_showsItsNewSamplesOnly()
    {
        await using var daemon = await DaemonProcess.StartAsync();
        await daemon.PostAsync("/api/v1/write", Wire.Line("shown", 1));
        using var client = new HttpClient();
        using var response = await client.GetAsync($"http://{daemon.Http}/api/v1/tail?name=shown", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        await daemon.PostAsync("/api/v1/write", [.. Wire.Line("hidden", 2), .. Wire.Line("shown", 3)]);

        using var json = JsonDocument.Parse((await reader.ReadLineAsync())!);
        Assert.Equal("shown", json.RootElement.GetProperty("name").GetString());
        Assert.Equal(3, json.RootElement.GetProperty("value").GetDouble());
    }

    [Fact]
    public async Task HostCollector_on_sendsTheHostsMeasuresOverTcp()
    {
        await using var daemon = await DaemonProcess.StartAsync(null, "--host-collector", "on");
        await daemon.StatusWhenAsync(now => now.GetProperty("conservation").GetProperty("stored").GetInt64() > 20);
        Assert.True(await daemon.LatestAsync("host_load1") >= 0);
        Assert.True(await daemon.LatestAsync("datalayerd_resident_bytes") > 1_000_000);
    }

    [Theory]
    [InlineData("tcp", "room_temperature", "kitchen", 21.5)]
    [InlineData("udp", "room_temperature", "hall", 19.0)]
    public async Task AgentPageProgram_runAsItStands_isStored(string program, string name, string room, double value)
    {
        await using var daemon = await DaemonProcess.StartAsync();
        var page = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "write-your-own-agent.md"));
        var from = page.IndexOf($"<!-- program: {program} -->", StringComparison.Ordinal);
        var code = page[(page.IndexOf("```python\n", from, StringComparison.Ordinal) + 10)..];
        var start = new ProcessStartInfo("python3", ["-c", code[..code.IndexOf("```", StringComparison.Ordinal)]]);
        start.Environment["DATALAYER_INGEST"] = daemon.Ingest.ToString();
        using var python = Process.Start(start)!;
        await python.WaitForExitAsync();
        Assert.Equal(0, python.ExitCode);

        await daemon.StatusWhenAsync(now => Conserved(now, received: 1, stored: 1));
        var (_, body) = await daemon.GetAsync($"/api/v1/latest?name={name}&label.room={room}");
        using var json = JsonDocument.Parse(body);
        Assert.Equal(value, json.RootElement.GetProperty("series")[0].GetProperty("value").GetDouble());
    }

    private static bool Conserved(JsonElement status, long received, long stored) =>
        Conserved(status) && Number(status, "received") == received && Number(status, "stored") == stored;

    private static bool Conserved(JsonElement status) => Number(status, "unaccounted") == 0
        && Number(status, "received") == Number(status, "stored") + Sum(status, "rejected") + Sum(status, "dropped") + Number(status, "inFlight") + Number(status, "held");

    private static bool IsIdle(JsonElement status) => Number(status, "inFlight") == 0 && Number(status, "held") == 0;

    private static long Number(JsonElement status, string name) => status.GetProperty("conservation").GetProperty(name).GetInt64();

    private static long Sum(JsonElement status, string name) => status.GetProperty("conservation").GetProperty(name).EnumerateObject().Sum(reason => reason.Value.GetInt64());

    private static async Task ReadUntilAsync(NetworkStream stream, byte[] wanted)
    {
        var bytes = new List<byte>();
        var one = new byte[1];
        while (bytes.Count < wanted.Length || !bytes.TakeLast(wanted.Length).SequenceEqual(wanted))
        {
            if (await stream.ReadAsync(one) == 0) throw new EndOfStreamException(Encoding.Latin1.GetString([.. bytes]));
            bytes.Add(one[0]);
        }
    }
}
