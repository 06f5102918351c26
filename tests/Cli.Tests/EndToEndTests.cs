using System.Text.Json;
using Xunit;

namespace DataLayer.Cli.Tests;

/// <summary>The program against a real daemon.</summary>
public sealed class EndToEndTests
{
    [Fact]
    public async Task Send_query_latest_series_status_verify()
    {
        await using var daemon = await DaemonProcess.StartAsync();
        var sent = await daemon.CliAsync("send", "room", "21.5", "--label", "room=kitchen", "--time", "-90s", "--quality", "0.5");
        Assert.Equal((0, "1 sample acked\n", ""), (sent.ExitCode, sent.Out, sent.Error));

        // Acked is visible: no waiting here.
        var json = JsonDocument.Parse((await daemon.CliAsync("query", "room", "--json")).Out).RootElement.GetProperty("series")[0];
        Assert.Equal("kitchen", json.GetProperty("labels").GetProperty("room").GetString());
        Assert.Equal(21.5, json.GetProperty("samples")[0][1].GetDouble());
        Assert.Equal("room{room=\"kitchen\"}\n", (await daemon.CliAsync("series", "room")).Out);
        Assert.Contains("room{room=\"kitchen\"}   21.5  ", (await daemon.CliAsync("latest", "room")).Out, StringComparison.Ordinal);
        var status = await daemon.CliAsync("status");
        Assert.Equal(0, status.ExitCode);
        Assert.Contains("✓ received = stored", status.Out, StringComparison.Ordinal);

        var busy = await CliRun.PlainAsync("verify", daemon.Data);
        Assert.Equal(69, busy.ExitCode);
        Assert.Contains("in use", busy.Error, StringComparison.Ordinal);
        Assert.Equal(0, await daemon.StopAsync());
        var sound = await CliRun.PlainAsync("verify", daemon.Data);
        Assert.True(sound.ExitCode == 0, sound.Out + sound.Error);
        Assert.Contains("✓ log", sound.Out, StringComparison.Ordinal);
        Assert.Equal(69, (await daemon.CliAsync("status")).ExitCode);
    }

    [Fact]
    public async Task Send_event_and_events()
    {
        await using var daemon = await DaemonProcess.StartAsync();
        var sent = await daemon.CliAsync("send", "--event", "deploy", "--source", "ci", "--field", "id=r-1", "--field", "version=1.2.0", "--field", "ok=true", "--field", "lat=-33.87", "--field", "lon=151.21");
        Assert.Equal((0, "1 event acked\n", ""), (sent.ExitCode, sent.Out, sent.Error));
        Assert.Equal(1, (await daemon.CliAsync("send", "--event", "deploy", "--field", "id=", "--field", "x=[1]")).ExitCode);
        Assert.Equal(64, (await daemon.CliAsync("send", "--field", "x=1", "name", "5")).ExitCode);
        Assert.Contains("events   2 received, 1 stored, 1 refused or dropped\n", (await daemon.CliAsync("status")).Out, StringComparison.Ordinal);
        var shown = await daemon.CliAsync("events", "--type", "deploy");
        Assert.Equal(0, shown.ExitCode);
        Assert.Contains("deploy  ci", shown.Out, StringComparison.Ordinal);
        Assert.Contains("\"version\":\"1.2.0\",\"ok\":true", shown.Out, StringComparison.Ordinal);
        var near = JsonDocument.Parse((await daemon.CliAsync("events", "--near", "-33.8,151.2,20000", "--json")).Out).RootElement.GetProperty("events")[0];
        Assert.Equal("r-1", near.GetProperty("id").GetString());
        Assert.InRange(near.GetProperty("distance").GetDouble(), 7_000, 9_000);
        var csv = (await daemon.CliAsync("events", "--within", "-40,140;-40,160;-20,160;-20,140", "--csv")).Out.Trim().Split('\n');
        Assert.Equal("time,type,source,id,latitude,longitude,document", csv[0]);
        Assert.Contains(",deploy,ci,r-1,-33.87,151.21,", csv[1], StringComparison.Ordinal);
        Assert.Equal((1, "no events match\n"), ((await daemon.CliAsync("events", "--type", "none")).ExitCode, (await daemon.CliAsync("events", "--type", "none")).Error));
    }

    [Fact]
    public async Task Send_file_bad_lines_are_named_and_the_others_stored()
    {
        await using var daemon = await DaemonProcess.StartAsync();
        var path = Path.Combine(daemon.Folder, "s.csv");
        await File.WriteAllTextAsync(path, "name,host,time,value\ncpu,a,-2m,50\ncpu,a,-1m,bad\n,a,-1m,7\ncpu,a,+2h,52\ncpu,a,-30s,53.25\n");
        var run = await daemon.CliAsync("send", "--file", path);
        Assert.Equal((1, "2 samples acked, 3 refused\n"), (run.ExitCode, run.Out));
        Assert.Equal(
            ["line 3: the value 'bad' is not a number", "line 4: the name is empty", "line 5: the time is out of range"],
            run.Error.Trim().Split('\n').Order(StringComparer.Ordinal).Select(l => l.Split(": before")[0]));
        Assert.Equal(2, (await daemon.CliAsync("query", "cpu", "--csv")).Out.Trim().Split('\n').Length - 1);
    }

    [Fact]
    public async Task Verify_finds_a_flipped_byte_and_repair_makes_the_log_sound()
    {
        await using var daemon = await DaemonProcess.StartAsync();
        var path = Path.Combine(daemon.Folder, "s.lines");
        await File.WriteAllLinesAsync(path, Enumerable.Range(0, 20_000).Select(i => $"m{{i=\"{i % 10}\"}} {i} {DateTimeOffset.UtcNow.ToUnixTimeSeconds() - i}"));
        Assert.Equal("20,000 samples acked\n", (await daemon.CliAsync("send", "--file", path)).Out);
        Assert.Equal("1 sample acked\n", (await daemon.CliAsync("send", "kept", "1")).Out);
        await daemon.KillAsync();
        var segment = Directory.GetFiles(Path.Combine(daemon.Data, "log"), "*.seg").Order(StringComparer.Ordinal).First();
        await using (var file = new FileStream(segment, FileMode.Open))
        {
            file.Position = 6000;
            var flipped = (byte)(file.ReadByte() ^ 1);
            file.Position = 6000;
            file.WriteByte(flipped);
        }

        var damaged = await CliRun.PlainAsync("verify", daemon.Data);
        Assert.True(damaged.ExitCode == 1, damaged.Out + damaged.Error);
        Assert.Contains("✗ log", damaged.Out, StringComparison.Ordinal);
        Assert.Contains("damage  " + Path.GetFileName(segment), damaged.Out, StringComparison.Ordinal);
        var repaired = await CliRun.PlainAsync("verify", daemon.Data, "--repair");
        Assert.Contains("repaired: ", repaired.Out, StringComparison.Ordinal);
        Assert.True((await CliRun.PlainAsync("verify", "--data-dir", daemon.Data)).ExitCode == 0, repaired.Out + repaired.Error);
        await daemon.RestartAsync();
        Assert.Equal(0, (await daemon.CliAsync("latest", "kept")).ExitCode);
    }

    [Fact]
    public async Task Verify_folder_without_data_exits_64() =>
        Assert.Equal(64, (await CliRun.PlainAsync("verify", Path.GetTempPath() + Guid.NewGuid())).ExitCode);
}
