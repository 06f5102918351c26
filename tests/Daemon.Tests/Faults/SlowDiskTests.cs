using Xunit;

namespace DataLayer.Daemon.Tests.Faults;

/// <summary>A disk that takes its time for each flush: acks come late but come, queries do not wait for it, and what waits is bounded.</summary>
public sealed class SlowDiskTests
{
    private const int Batches = 250;
    private const long InFlightBytesMax = 4 << 20;

    [Fact]
    public async Task Disk_slow_acksLateShowsAtOnceAndHoldsBackSenders()
    {
        var folder = DaemonProcess.NewFolder();
        try
        {
            await using (var daemon = await DaemonProcess.StartAsync(folder, "--set", $"Hot:InFlightBytes={InFlightBytesMax}"))
            {
                await using var disk = await SystemCalls.AttachAsync(daemon, "fdatasync:delay_enter=300ms");
                using var agent = await TestAgent.ConnectAsync(daemon);
                var sending = SendAllAsync(agent);
                var greatest = 0L;

                // What is applied and not yet durable is in queries, and unacked.
                await daemon.StatusWhenAsync(status => Note(status, ref greatest) && Log(status, "appliedLsn") > Log(status, "durableLsn"));
                Assert.True((await TestAgent.CountsAsync(daemon)).Samples > 0);
                await daemon.StatusWhenAsync(status => Note(status, ref greatest) && sending.IsCompleted);
                await sending;

                // A record more may pass when nothing is in flight; batches are far smaller.
                Assert.InRange(greatest, 1, InFlightBytesMax);
                await TestAgent.AssertStoredAsync(daemon, Batches);
                await daemon.KillAsync();
            }

            await using var again = await DaemonProcess.StartAsync(folder);
            await TestAgent.AssertStoredAsync(again, Batches);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>All batches at once, as fast as the daemon reads; then waits for the last ack.</summary>
    private static async Task SendAllAsync(TestAgent agent)
    {
        for (var seq = 1; seq <= Batches; seq++) await agent.SendAsync(seq);
        Assert.Null(await agent.AnswerAsync(Batches, TimeSpan.FromSeconds(60)));
    }

    private static bool Note(System.Text.Json.JsonElement status, ref long greatest)
    {
        var inFlight = status.GetProperty("queues").EnumerateArray().Single(queue => queue.GetProperty("name").GetString() == "in_flight");
        greatest = Math.Max(greatest, inFlight.GetProperty("depth").GetInt64());
        return true;
    }

    private static long Log(System.Text.Json.JsonElement status, string name) => status.GetProperty("log").GetProperty(name).GetInt64();
}
