using System.Net;
using System.Text.Json;
using DataLayer.Engines.Lake;
using DataLayer.Protocol;
using Xunit;

namespace DataLayer.Daemon.Tests.Faults;

/// <summary>A disk that reports an error when it is to make data durable (EIO of fsync): such data count as lost, are written anew to other files, and nothing is acked before.</summary>
public sealed class FsyncFaultTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Log_fsyncFails_acksNothingAndKeepsAllThatWasAcked(bool isKilled)
    {
        var folder = DaemonProcess.NewFolder();
        try
        {
            await using (var daemon = await DaemonProcess.StartAsync(folder, "--set", "Lake:FlushInterval=1h"))
            {
                using var agent = await TestAgent.ConnectAsync(daemon);
                await agent.SendAckedAsync(1, 5);
                var durable = await DurableLsnAsync(daemon);
                await using var disk = await SystemCalls.AttachAsync(daemon, "fdatasync:error=EIO");
                await agent.SendAsync(6);
                Assert.NotNull(await agent.AnswerAsync(6, TimeSpan.FromSeconds(1)));
                await AssertFailsLoudlyAsync(daemon, durable);
                await agent.SendAsync(7);
                Assert.Equal((int)ErrorCode.StorageFull, await agent.AnswerAsync(7, TimeSpan.FromSeconds(20)));
                if (isKilled)
                {
                    await daemon.KillAsync();
                }
                else
                {
                    var trace = await disk.DetachAsync();
                    trace.AssertNoFileIsTrustedAgain();
                    Assert.True(trace.Failed.Count > 3, "the flush was not tried again");
                    await daemon.WaitForOutputAsync("Storage works again in the log");
                    Assert.Equal(HttpStatusCode.OK, (await daemon.GetAsync("/ready")).Status);
                    await agent.SendUntilAckedAsync(6, 8);
                    await TestAgent.AssertStoredAsync(daemon, 8);
                    await daemon.KillAsync();
                }
            }

            await using var again = await DaemonProcess.StartAsync(folder);
            if (!isKilled) await TestAgent.AssertStoredAsync(again, 8);
            Assert.InRange((await TestAgent.CountsAsync(again)).Batches, 5, 8);
            using var second = await TestAgent.ConnectAsync(again);
            await second.SendUntilAckedAsync(6, 9);
            await TestAgent.AssertStoredAsync(again, 9);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Definitions_fsyncFails_newSeriesWaitAndAreThereAfter()
    {
        var folder = DaemonProcess.NewFolder();
        try
        {
            await using (var daemon = await DaemonProcess.StartAsync(folder))
            {
                using var client = await daemon.ConnectAsync();
                await Wire.SendAndAwaitAckAsync(client, Wire.Line("before", 1));
                await using (var disk = await SystemCalls.AttachAsync(daemon, "fdatasync:error=EIO", Path.Combine(folder, "log", "definitions"), Path.Combine(folder, "log", "definitions.new")))
                {
                    await client.GetStream().WriteAsync(Wire.Line("after", 2));
                    await client.GetStream().WriteAsync(Wire.Flush(1));
                    await daemon.StatusWhenAsync(status => status.GetProperty("log").GetProperty("failures").GetInt64() >= 3);
                    var trace = await disk.DetachAsync();
                    trace.AssertNoFileIsTrustedAgain();
                    Assert.True(trace.Failed.Count >= 3, "the flush was not tried again");
                }

                var ack = new byte[3];
                await client.GetStream().ReadExactlyAsync(ack, TestContext.Current.CancellationToken);
                Assert.Equal([0x92, 8, 1], ack);
                await daemon.KillAsync();
            }

            await using var again = await DaemonProcess.StartAsync(folder);
            Assert.Equal(1, await again.LatestAsync("before"));
            Assert.Equal(2, await again.LatestAsync("after"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("file")]
    [InlineData("manifest")]
    [InlineData("folder")]
    [InlineData("parent")]
    public async Task Lake_fsyncFails_isTriedAgainWithNewFiles(string what)
    {
        var folder = DaemonProcess.NewFolder();
        try
        {
            var lake = Path.Combine(folder, "lake");
            await using (var daemon = await DaemonProcess.StartAsync(folder, "--set", "Lake:FlushInterval=1s"))
            {
                using var agent = await TestAgent.ConnectAsync(daemon);
                await using var disk = await SystemCalls.AttachAsync(daemon, "fsync:error=EIO", PathsOf(what, lake));
                await agent.SendAckedAsync(1, 3);
                var status = await daemon.StatusWhenAsync(now => Engine(now).GetProperty("failures").GetInt64() >= 2);
                Assert.Equal("degraded", Engine(status).GetProperty("state").GetString());
                Assert.Equal(0, Engine(status).GetProperty("position").GetInt64());
                await daemon.WaitForOutputAsync("Storage fails in the lake's flush");
                await agent.SendAckedAsync(4, 6);
                await TestAgent.AssertStoredAsync(daemon, 6);
                var trace = await disk.DetachAsync();
                trace.AssertNoFileIsTrustedAgain();
                Assert.True(trace.Failed.Count >= 2, "the flush was not tried again");

                status = await daemon.StatusWhenAsync(now => Engine(now).GetProperty("state").GetString() == "healthy" && Engine(now).GetProperty("lag").GetInt64() <= 1);
                Assert.True(Engine(status).GetProperty("position").GetInt64() > 0);
                await daemon.WaitForOutputAsync("Storage works again in the lake's flush");
                await TestAgent.AssertStoredAsync(daemon, 6);
                AssertNotUsed(lake, trace);
                await daemon.KillAsync();
            }

            Assert.Empty(LakeVerifier.Verify(lake, TestContext.Current.CancellationToken).Problems);
            await using var again = await DaemonProcess.StartAsync(folder);
            await TestAgent.AssertStoredAsync(again, 6);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string[] PathsOf(string what, string lake) => what switch
    {
        "file" => [.. Enumerable.Range(1, 60).Select(number => Path.Combine(lake, TestAgent.HourFolder, $".{number:D10}.parquet.tmp"))],
        "manifest" => [Path.Combine(lake, ".manifest.json.tmp")],
        "folder" => [Path.Combine(lake, TestAgent.HourFolder)],

        // The flush of a new folder's name.
        _ => [Path.GetDirectoryName(Path.Combine(lake, TestAgent.HourFolder))!],
    };

    private static async Task AssertFailsLoudlyAsync(DaemonProcess daemon, long durableLsn)
    {
        var status = await daemon.StatusWhenAsync(now => now.GetProperty("log").TryGetProperty("failure", out _));
        Assert.Contains("Input/output error", status.GetProperty("log").GetProperty("failure").GetString(), StringComparison.Ordinal);
        Assert.Equal(durableLsn, status.GetProperty("log").GetProperty("durableLsn").GetInt64());
        Assert.Equal("storage_full", status.GetProperty("ingest").GetProperty("admission").GetString());
        var ready = await daemon.GetAsync("/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.Status);
        Assert.Contains("Input/output error", ready.Body, StringComparison.Ordinal);
        await daemon.WaitForOutputAsync("Storage fails in the log");
        Assert.Contains("datalayer_log_failing 1", (await daemon.GetAsync("/metrics")).Body, StringComparison.Ordinal);
    }

    /// <summary>No file whose flush failed is one that the manifest names.</summary>
    private static void AssertNotUsed(string lake, SyncTrace trace)
    {
        using var manifest = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(lake, "manifest.json")));
        var failed = trace.Failed.Select(path => Path.GetFileName(path).TrimStart('.').Replace(".tmp", "", StringComparison.Ordinal)).ToHashSet();
        Assert.DoesNotContain(
            manifest.RootElement.GetProperty("lake").GetProperty("files").EnumerateArray(), file => failed.Contains(Path.GetFileName(file.GetProperty("path").GetString()!)));
    }

    private static JsonElement Engine(JsonElement status) => status.GetProperty("engines")[0];

    private static async Task<long> DurableLsnAsync(DaemonProcess daemon) => (await daemon.StatusAsync()).GetProperty("log").GetProperty("durableLsn").GetInt64();
}
