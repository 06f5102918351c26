using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using DataLayer.Protocol;
using Xunit;

namespace DataLayer.Daemon.Tests.Faults;

/// <summary>A wall clock that jumps forward and back under a running daemon.</summary>
public sealed class ClockTests
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task Clock_jumps_nothingIsLostAndNothingStops()
    {
        var folder = DaemonProcess.NewFolder();
        var clock = Path.Combine(folder, "clock");
        var data = Path.Combine(folder, "data");
        string[] options = ["--set", "Lake:FlushInterval=1s", "--set", "Lake:MaintenanceInterval=1s", "--set", "Lake:RawRetention=2h"];
        (string Clock, Func<DateTimeOffset> Now)[] jumps =
        [
            ("+0", () => DateTimeOffset.UtcNow),
            ("+1h", () => DateTimeOffset.UtcNow.AddHours(1)),
            ("+400d", () => DateTimeOffset.UtcNow.AddDays(400)),
            ("-1d", () => DateTimeOffset.UtcNow.AddDays(-1)),
            ("@1970-01-02 00:00:00", () => DateTimeOffset.UnixEpoch.AddDays(1)),
            ("+0", () => DateTimeOffset.UtcNow),
        ];
        try
        {
            await File.WriteAllTextAsync(clock, "+0\n", TestContext.Current.CancellationToken);
            await using (var daemon = await DaemonProcess.StartWithClockAsync(clock, data, options))
            {
                using var client = await daemon.ConnectAsync();
                for (var at = 0; at < jumps.Length; at++)
                {
                    // Renamed, so that the daemon never reads half of it.
                    await File.WriteAllTextAsync(clock + ".new", jumps[at].Clock + "\n", TestContext.Current.CancellationToken);
                    File.Move(clock + ".new", clock, overwrite: true);
                    await WaitForClockAsync(daemon, client, at, jumps[at].Now);
                    await Wire.SendAndAwaitAckAsync(client, Untimed($"clock_{at}", at));
                    Assert.Equal(jumps[at].Now().ToUnixTimeSeconds(), await TimeOfAsync(daemon, $"clock_{at}"), Tolerance.TotalSeconds);
                    await AssertFlushesAsync(daemon, client, at == 2 ? 2 : 1);
                }

                Assert.Equal(0, (await daemon.StatusAsync()).GetProperty("engines")[0].GetProperty("filesExpired").GetInt64());
                await AssertAllAsync(daemon, jumps.Length);
                Assert.Equal(0, await daemon.TerminateAsync());
            }

            // Without the limit of age: by the clock that is right now, some of them are too old.
            await using var again = await DaemonProcess.StartWithClockAsync(clock, data);
            await AssertAllAsync(again, jumps.Length);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static byte[] Untimed(string name, double value)
    {
        using var writer = new MsgPackWriter();
        MessageEncoder.WriteLine(writer, name, [], null, value);
        return writer.Written.ToArray();
    }

    /// <summary>Sends samples without a time, each of a series of its own, until one has the time that the file says, which the daemon reads once a second.</summary>
    private static async Task WaitForClockAsync(DaemonProcess daemon, TcpClient client, int jump, Func<DateTimeOffset> expected)
    {
        for (var attempt = 0; ; attempt++)
        {
            await Wire.SendAndAwaitAckAsync(client, Untimed($"probe_{jump}_{attempt}", 0));
            var seconds = await TimeOfAsync(daemon, $"probe_{jump}_{attempt}");
            if (Math.Abs(seconds - expected().ToUnixTimeSeconds()) < Tolerance.TotalSeconds) return;
            Assert.True(attempt < 600, $"the clock does not follow: {seconds}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>The ack said "on disk"; "visible" may come a moment later.</summary>
    private static async Task<double> TimeOfAsync(DaemonProcess daemon, string name)
    {
        for (var attempt = 0; ; attempt++)
        {
            using var json = JsonDocument.Parse((await daemon.GetAsync($"/api/v1/latest?name={name}")).Body);
            if (json.RootElement.GetProperty("series").EnumerateArray().ToList() is [var series]) return series.GetProperty("time").GetDouble();
            Assert.True(attempt < 600, $"{name} does not become visible");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>More flushes come, and the lake has all: neither flusher nor maintenance waits for the clock to come back.</summary>
    private static async Task AssertFlushesAsync(DaemonProcess daemon, TcpClient client, int flushes)
    {
        for (var flush = 0; flush < flushes; flush++)
        {
            var before = (await daemon.StatusAsync()).GetProperty("engines")[0].GetProperty("flushes").GetInt64();
            await Wire.SendAndAwaitAckAsync(client, Untimed("filler", flush));
            await daemon.StatusWhenAsync(status => status.GetProperty("engines")[0].GetProperty("flushes").GetInt64() > before);
        }

        var now = await daemon.StatusAsync();
        Assert.Equal("healthy", now.GetProperty("engines")[0].GetProperty("state").GetString());
        Assert.Equal(0, now.GetProperty("conservation").GetProperty("unaccounted").GetInt64());
    }

    private static async Task AssertAllAsync(DaemonProcess daemon, int series)
    {
        var (status, body) = await daemon.PostAsync("/api/v1/sql", "SELECT count(*), count(DISTINCT name) FROM samples WHERE name LIKE 'clock_%'"u8.ToArray());
        Assert.Equal(HttpStatusCode.OK, status);
        using var json = JsonDocument.Parse(body);
        Assert.Equal([series, series], json.RootElement.GetProperty("rows")[0].EnumerateArray().Select(value => value.GetInt32()));
        for (var at = 0; at < series; at++) Assert.Equal(at, await daemon.LatestAsync($"clock_{at}"));
    }
}
