using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using DataLayer.Protocol;
using Xunit;

namespace DataLayer.Daemon.Tests.Faults;

/// <summary>
/// An agent with a name that sends numbered batches, each a function of its number: <see cref="SamplesPerBatch"/> samples of one series, none at the time of another,
/// with the number as value. So it can be told from queries which batches are there, and how often.
/// </summary>
internal sealed class TestAgent : IDisposable
{
    public const int SamplesPerBatch = 2000;

    /// <summary>2023-11-14 22:00:00 UTC; a batch is half a second long, so that all lie in this hour.</summary>
    public const long StartMicros = 1_699_999_200_000_000;

    private const string Series = "batches";
    private readonly TcpClient _client;

    private TestAgent(TcpClient client) => _client = client;

    /// <summary>The folder of the samples below the lake's.</summary>
    public static string HourFolder { get; } = Path.Combine("samples", "date=2023-11-14", "hour=22");

    public static async Task<TestAgent> ConnectAsync(DaemonProcess daemon)
    {
        var client = await daemon.ConnectAsync();
        await client.GetStream().WriteAsync(Wire.Hello("agent-1"));
        return new TestAgent(client);
    }

    /// <summary>Sends a batch without waiting for the answer.</summary>
    public async Task SendAsync(long seq) => await _client.GetStream().WriteAsync(Batch(seq));

    /// <summary>Sends batches from first to last, each when the one before was acked.</summary>
    public async Task SendAckedAsync(long first, long last)
    {
        for (var seq = first; seq <= last; seq++)
        {
            await SendAsync(seq);
            Assert.Null(await AnswerAsync(seq, TimeSpan.FromSeconds(60)));
        }
    }

    /// <summary>Sends batches again until each is acked: for when a refusal is about to end.</summary>
    public async Task SendUntilAckedAsync(long first, long last)
    {
        var deadline = Stopwatch.StartNew();
        for (var seq = first; seq <= last;)
        {
            await SendAsync(seq);
            if (await AnswerAsync(seq, TimeSpan.FromSeconds(3)) is null) seq++;
            else await Task.Delay(100);
            Assert.True(deadline.Elapsed < TimeSpan.FromSeconds(60), $"batch {seq} is still refused");
        }
    }

    /// <summary>Null: the batch is acked. Else the code of the error; StorageFull as well when nothing is answered, as to what was on its way when the storage failed.</summary>
    public async Task<int?> AnswerAsync(long seq, TimeSpan patience)
    {
        using var deadline = new CancellationTokenSource(patience);
        var bytes = new List<byte>();
        var buffer = new byte[4096];
        try
        {
            while (true)
            {
                var got = await _client.GetStream().ReadAsync(buffer, deadline.Token);
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

    /// <summary>Whether queries find the batches 1 to last whole and once, and nothing else.</summary>
    public static async Task AssertStoredAsync(DaemonProcess daemon, long last)
    {
        Assert.Equal((last * SamplesPerBatch, last * SamplesPerBatch, last, last * (last + 1) / 2 * SamplesPerBatch), await CountsAsync(daemon));
    }

    /// <summary>Samples, distinct times, distinct values, the sum of values.</summary>
    public static async Task<(long Samples, long Times, long Batches, long Sum)> CountsAsync(DaemonProcess daemon)
    {
        var (status, body) = await daemon.PostAsync("/api/v1/sql", System.Text.Encoding.UTF8.GetBytes(
            $"SELECT count(*), count(DISTINCT time), count(DISTINCT value), sum(value)::BIGINT FROM samples WHERE name = '{Series}'"));
        Assert.True(status == HttpStatusCode.OK, body);
        using var json = JsonDocument.Parse(body);
        var row = json.RootElement.GetProperty("rows")[0];
        return (row[0].GetInt64(), row[1].GetInt64(), row[2].GetInt64(), row[3].ValueKind == JsonValueKind.Null ? 0 : row[3].GetInt64());
    }

    public void Dispose() => _client.Dispose();

    private static byte[] Batch(long seq) => Wire.Batch(
        seq, [.. Enumerable.Range(0, SamplesPerBatch).SelectMany(i => Wire.Line(Series, seq, StartMicros + (seq * 500_000) + i))]);

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
}
