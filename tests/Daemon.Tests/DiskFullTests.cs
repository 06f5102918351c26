using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using DataLayer.Protocol;
using Xunit;

namespace DataLayer.Daemon.Tests;

/// <summary>A data folder on a real file system that is really full: nothing acked is lost, senders are told, queries go on, and space is all it takes to go on.</summary>
public sealed class DiskFullTests
{
    private const int SamplesPerBatch = 2000;
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
            Assert.InRange(await CountAsync(daemon, "count(*)"), acked * SamplesPerBatch, long.MaxValue);
            Assert.Equal(acked * SamplesPerBatch, await CountAsync(daemon, $"count(DISTINCT time) FILTER (WHERE value <= {acked})"));

            File.Delete($"/proc/{daemon.Id}/root{folder}/{Filler}");
            await SendAllAsync(daemon, acked + 1);
            Assert.Equal(Batches * SamplesPerBatch, await CountAsync(daemon, "count(*)"));
            Assert.Equal(Batches * SamplesPerBatch, await CountAsync(daemon, "count(DISTINCT time)"));
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
        using var client = await daemon.ConnectAsync();
        await client.GetStream().WriteAsync(Wire.Hello("agent-1"));
        for (var seq = 1L; seq <= Batches; seq++)
        {
            await client.GetStream().WriteAsync(Batch(seq));
            if (await AnswerAsync(client, seq) is { } code)
            {
                Assert.Equal((int)ErrorCode.StorageFull, code);
                return seq - 1;
            }
        }

        throw new InvalidOperationException("the disk took all");
    }

    private static async Task SendAllAsync(DaemonProcess daemon, long from)
    {
        var deadline = Stopwatch.StartNew();
        using var client = await daemon.ConnectAsync();
        await client.GetStream().WriteAsync(Wire.Hello("agent-1"));
        for (var seq = from; seq <= Batches;)
        {
            await client.GetStream().WriteAsync(Batch(seq));
            if (await AnswerAsync(client, seq) is null) seq++;
            else await Task.Delay(100);
            Assert.True(deadline.Elapsed < TimeSpan.FromSeconds(60), $"batch {seq} is still refused:\n{daemon.Output}");
        }
    }

    private static byte[] Batch(long seq) => Wire.Batch(
        seq, [.. Enumerable.Range(0, SamplesPerBatch).SelectMany(i => Wire.Line("disk", seq, 1_700_000_000_000_000 + (seq * 1_000_000) + i))]);

    /// <summary>Null: the batch is acked. Else the code of the error. What was on its way when the disk became full is not answered until there is space: StorageFull as well.</summary>
    private static async Task<int?> AnswerAsync(TcpClient client, long seq)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(3));
        var bytes = new List<byte>();
        var buffer = new byte[4096];
        try
        {
            while (true)
            {
                var got = await client.GetStream().ReadAsync(buffer, patience.Token);
                if (got == 0) throw new IOException("the daemon closed the connection");
                bytes.AddRange(buffer.AsSpan(0, got));
                if (TryRead([.. bytes], seq, out var code)) return code;
            }
        }
        catch (OperationCanceledException)
        {
            return (int)ErrorCode.StorageFull;
        }
    }

    private static bool TryRead(byte[] bytes, long seq, out int? code)
    {
        code = null;
        var reader = new MsgPackReader(bytes);
        while (reader.Remaining > 0)
        {
            if (!reader.TryReadArrayHeader(out var count) || !reader.TryReadInt64(out var op)) return false;
            if (op == Op.Ack && reader.TryReadInt64(out var acked) && acked >= seq) return true;
            if (op == Op.Error && reader.TryReadInt64(out var refused) && reader.TryReadInt64(out var error))
            {
                code = (int)error;
                if (refused == seq) return true;
            }

            for (var left = count - (op == Op.Error ? 3 : op == Op.Ack ? 2 : 1); left > 0; left--)
            {
                if (!reader.TrySkip()) return false;
            }
        }

        return false;
    }

    private static async Task<long> CountAsync(DaemonProcess daemon, string what)
    {
        var (status, body) = await daemon.PostAsync("/api/v1/sql", System.Text.Encoding.UTF8.GetBytes($"SELECT {what} FROM samples WHERE name = 'disk'"));
        Assert.Equal(HttpStatusCode.OK, status);
        using var json = JsonDocument.Parse(body);
        return json.RootElement.GetProperty("rows")[0][0].GetInt64();
    }
}
