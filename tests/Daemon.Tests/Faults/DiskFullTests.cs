using System.Net;
using DataLayer.Protocol;
using Xunit;

namespace DataLayer.Daemon.Tests.Faults;

/// <summary>A data folder on a real file system that is really full: nothing acked is lost, senders are told, queries go on, and space is all it takes to go on.</summary>
public sealed class DiskFullTests
{
    private const int Batches = 600;
    private const string Filler = "filler";

    [Fact]
    public async Task Disk_full_tellsSendersAndGoesOnWhenThereIsSpace()
    {
        var folder = DaemonProcess.NewFolder();
        try
        {
            if (!DaemonProcess.CanMount) Assert.Skip("this user may not mount a file system of its own (unshare)");

            // The log is not released before the lake has it, which here is never: 24 MB of batches do not fit beside the filler.
            await using var daemon = await DaemonProcess.StartOnSmallDiskAsync(folder, "40m", $"head -c 22M /dev/zero >{Filler}", "--set", "Log:SegmentBytes=1MiB", "--set", "Lake:FlushInterval=1h");
            var acked = await SendUntilRefusedAsync(daemon);
            Assert.InRange(acked, 1, Batches - 1);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await daemon.GetAsync("/ready")).Status);
            Assert.InRange((await TestAgent.CountsAsync(daemon)).Times, acked * TestAgent.SamplesPerBatch, (acked + 1) * TestAgent.SamplesPerBatch);

            File.Delete($"/proc/{daemon.Id}/root{folder}/{Filler}");
            using var agent = await TestAgent.ConnectAsync(daemon);
            await agent.SendUntilAckedAsync(acked + 1, Batches);
            await TestAgent.AssertStoredAsync(daemon, Batches);
            Assert.Equal(HttpStatusCode.OK, (await daemon.GetAsync("/ready")).Status);
            Assert.Equal(0, await daemon.TerminateAsync());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Sends batch after batch, each when the one before was answered; returns the last one acked when the daemon says that the storage is full.</summary>
    private static async Task<long> SendUntilRefusedAsync(DaemonProcess daemon)
    {
        using var agent = await TestAgent.ConnectAsync(daemon);
        for (var seq = 1L; seq <= Batches; seq++)
        {
            await agent.SendAsync(seq);
            if (await agent.AnswerAsync(seq, TimeSpan.FromSeconds(3)) is { } code)
            {
                Assert.Equal((int)ErrorCode.StorageFull, code);
                return seq - 1;
            }
        }

        throw new InvalidOperationException("the disk took all");
    }
}
