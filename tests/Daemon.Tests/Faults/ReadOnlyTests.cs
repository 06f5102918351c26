using System.Diagnostics;
using System.Net;
using DataLayer.Protocol;
using Xunit;

namespace DataLayer.Daemon.Tests.Faults;

/// <summary>A data folder that becomes read-only, as file systems do when the disk fails, or is so at the start.</summary>
public sealed class ReadOnlyTests
{
    private const int BatchesMax = 400;

    [Fact]
    public async Task Folder_becomesReadOnly_refusesSaysSoAndGoesOnWhenItIsWritable()
    {
        var folder = DaemonProcess.NewFolder();
        try
        {
            if (!DaemonProcess.CanMount) Assert.Skip("this user may not mount a file system of its own (unshare)");
            await using var daemon = await DaemonProcess.StartOnSmallDiskAsync(folder, "128m", ":", "--set", "Log:SegmentBytes=1MiB", "--set", "Lake:FlushInterval=1s");
            using var agent = await TestAgent.ConnectAsync(daemon);
            await agent.SendAckedAsync(1, 3);
            await MountAsync(daemon, $"mount --bind {daemon.Folder} {daemon.Folder} && mount -o remount,bind,ro {daemon.Folder}");

            // The segment under way is open, and takes what fits: the lake fails first. Then the log needs a file.
            await agent.SendAckedAsync(4, 5);
            var status = await daemon.StatusWhenAsync(now => Lake(now).GetProperty("state").GetString() == "degraded");
            Assert.Contains("Read-only file system", Lake(status).GetProperty("detail").GetString(), StringComparison.Ordinal);
            await daemon.WaitForOutputAsync("Storage fails in the lake's flush");
            var acked = await SendUntilRefusedAsync(agent);
            status = await daemon.StatusWhenAsync(now => now.GetProperty("log").TryGetProperty("failure", out _));
            Assert.Contains("Read-only file system", status.GetProperty("log").GetProperty("failure").GetString(), StringComparison.Ordinal);
            Assert.Contains("remount it", status.GetProperty("log").GetProperty("failure").GetString(), StringComparison.Ordinal);
            Assert.Contains("Read-only file system", (await daemon.GetAsync("/ready")).Body, StringComparison.Ordinal);
            await daemon.WaitForOutputAsync("Storage fails in the log");
            Assert.InRange((await TestAgent.CountsAsync(daemon)).Batches, acked, acked + 1);

            await MountAsync(daemon, $"umount {daemon.Folder}");
            await agent.SendUntilAckedAsync(acked + 1, acked + 20);
            await daemon.StatusWhenAsync(now => Lake(now).GetProperty("state").GetString() == "healthy" && Lake(now).GetProperty("lag").GetInt64() <= 1);
            Assert.Equal(HttpStatusCode.OK, (await daemon.GetAsync("/ready")).Status);
            await TestAgent.AssertStoredAsync(daemon, acked + 20);
            Assert.Equal(0, await daemon.TerminateAsync());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Folder_readOnlyAtTheStart_isOneLineThatSaysWhatToDo()
    {
        var folder = DaemonProcess.NewFolder();
        try
        {
            if (!DaemonProcess.CanMount) Assert.Skip("this user may not mount a file system of its own (unshare)");
            var (code, error) = await DaemonProcess.RunToEndOnSmallDiskAsync(folder, "1m", "mkdir data; cd /; mount -o remount,ro \"$0\"");
            Assert.Equal(70, code);
            Assert.Single(error.Split('\n'));
            Assert.Contains($"the data folder {folder}/data cannot be written: Read-only file system", error, StringComparison.Ordinal);
            Assert.Contains("--data-dir", error, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<long> SendUntilRefusedAsync(TestAgent agent)
    {
        for (var seq = 6L; seq <= BatchesMax; seq++)
        {
            await agent.SendAsync(seq);
            if (await agent.AnswerAsync(seq, TimeSpan.FromSeconds(2)) is not { } code) continue;
            Assert.Equal((int)ErrorCode.StorageFull, code);
            return seq - 1;
        }

        throw new InvalidOperationException("the read-only folder took all");
    }

    private static async Task MountAsync(DaemonProcess daemon, string command)
    {
        string[] user = Environment.IsPrivilegedProcess ? [] : ["--user", "--preserve-credentials"];
        using var process = Process.Start("nsenter", ["--target", $"{daemon.Id}", "--mount", .. user, "sh", "-ec", command]);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
    }

    private static System.Text.Json.JsonElement Lake(System.Text.Json.JsonElement status) => status.GetProperty("engines")[0];
}
