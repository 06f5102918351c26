using Xunit;

namespace DataLayer.Cli.Tests;

/// <summary>Flipped bits in each kind of file: verify names the file; what the daemon cannot do without it refuses with a way out, and the rest is served.</summary>
public sealed class DamageTests
{
    [Fact]
    public async Task Parquet_damaged_isFoundMovedAsideAndTheRestServed()
    {
        await using var daemon = await DaemonProcess.StartAsync();
        await SendAsync(daemon);
        Assert.Equal(0, await daemon.StopAsync());
        var damaged = Directory.GetFiles(Path.Combine(daemon.Data, "lake", "samples"), "*.parquet", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();
        Flip(damaged, 100);
        var found = await CliRun.PlainAsync("verify", daemon.Data);
        Assert.True(found.ExitCode == 1, found.Out + found.Error);
        Assert.Contains($"damage  {damaged}", found.Out, StringComparison.Ordinal);

        await daemon.RestartAsync();
        var first = await daemon.CliAsync("query", "m", "--start", "-10h", "--csv");
        Assert.NotEqual(0, first.ExitCode);
        Assert.Contains(damaged, first.Error, StringComparison.Ordinal);
        var second = await daemon.CliAsync("query", "m", "--start", "-10h", "--csv");
        Assert.True(second.ExitCode == 0, second.Error);
        Assert.Equal(100, second.Out.Trim().Split('\n').Length - 1);
        Assert.Contains("moved aside", (await daemon.CliAsync("status")).Out, StringComparison.Ordinal);
        Assert.Equal(0, (await daemon.CliAsync("sql", "SELECT count(*) FROM samples")).ExitCode);

        Assert.Equal(0, await daemon.StopAsync());
        var after = await CliRun.PlainAsync("verify", daemon.Data);
        Assert.True(after.ExitCode == 0, after.Out + after.Error);
        Assert.Contains($"{damaged}.quarantine", after.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lake/manifest.json", 60, "manifest.json cannot be used")]
    [InlineData("log/definitions", 60, "definitions is damaged")]
    public async Task File_thatNamesAll_damaged_isFoundAndTheStartRefused(string name, int at, string said)
    {
        await using var daemon = await DaemonProcess.StartAsync();
        await SendAsync(daemon);
        Assert.Equal(1, (await daemon.CliAsync("send", "other", "1")).Out.Split("1 sample acked").Length - 1);
        Assert.Equal(0, await daemon.StopAsync());
        var path = Path.Combine(daemon.Data, name);
        Flip(path, at);
        var found = await CliRun.PlainAsync("verify", daemon.Data);
        Assert.True(found.ExitCode == 1, found.Out + found.Error);
        Assert.Contains(Path.GetFileName(name), found.Out, StringComparison.Ordinal);
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => daemon.RestartAsync());
        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
        Assert.Contains("Restore it from a backup", refused.Message, StringComparison.Ordinal);

        Flip(path, at);
        await daemon.RestartAsync();
        Assert.Equal(0, (await daemon.CliAsync("latest", "other")).ExitCode);
    }

    /// <summary>A hundred samples three hours ago, and a hundred now: two files.</summary>
    private static async Task SendAsync(DaemonProcess daemon)
    {
        var path = Path.Combine(daemon.Folder, "s.csv");
        await File.WriteAllLinesAsync(path, ["name,time,value", .. Enumerable.Range(1, 100).SelectMany(i => new[] { $"m,-{10_800 + i}s,{i}", $"m,-{i}ms,{i}" })]);
        Assert.Equal("200 samples acked\n", (await daemon.CliAsync("send", "--file", path)).Out);
    }

    private static void Flip(string path, int at)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[at] ^= 4;
        File.WriteAllBytes(path, bytes);
    }
}
