using System.Net;
using System.Net.Sockets;
using DataLayer.Client.Ingest;
using DataLayer.Protocol;
using Xunit;
using static DataLayer.Client.Tests.DataLayerClientTests;

namespace DataLayer.Client.Tests;

public sealed class BatchSenderTests
{
    [Fact]
    public async Task EnqueueAsync_connection_lost_sends_again_what_the_welcome_does_not_know()
    {
        await using var daemon = new FakeDaemon();
        var options = Options(daemon);
        options.Agent = "agent";
        await using var sender = new BatchSender(options);
        PendingBatch[] batches = [await EnqueueAsync(sender, 1), await EnqueueAsync(sender, 2), await EnqueueAsync(sender, 3)];
        var first = await daemon.WelcomeAsync(lastSeq: 10);
        for (var seq = 11; seq <= 13; seq++) Assert.Equal(seq, (await first.BatchAsync()).Seq);
        await first.AckAsync(11);
        await batches[0].Completion;
        first.Close();

        // Batch 12 is stored, though its ack was lost; 13 is not.
        var second = await daemon.WelcomeAsync(lastSeq: 12);
        var again = await second.BatchAsync();
        Assert.Equal(13, again.Seq);
        Assert.Equal(3, again.Lines[0].Value);
        Assert.Equal(1, (await batches[1].Completion).Accepted);
        Assert.False(batches[2].Completion.IsCompleted);
        await second.AckAsync(13);
        Assert.Equal(1, (await batches[2].Completion).Accepted);
        Assert.Equal(2, sender.Connections);
    }

    [Fact]
    public async Task EnqueueAsync_no_agent_name_numbers_anew_on_each_connection()
    {
        await using var daemon = new FakeDaemon();
        await using var sender = new BatchSender(Options(daemon));
        var one = await EnqueueAsync(sender, 1);
        var two = await EnqueueAsync(sender, 2);
        var first = await daemon.WelcomeAsync();
        Assert.Equal(1, (await first.BatchAsync()).Seq);
        Assert.Equal(2, (await first.BatchAsync()).Seq);
        await first.AckAsync(1);
        await one.Completion;
        first.Close();
        var second = await daemon.WelcomeAsync();
        var again = await second.BatchAsync();
        Assert.Equal((1, 2d), (again.Seq, again.Lines[0].Value));
        await second.AckAsync(1);
        await two.Completion;
    }

    [Fact]
    public async Task EnqueueAsync_fault_of_a_lost_connection_is_reported_once()
    {
        await using var daemon = new FakeDaemon();
        var options = Options(daemon);
        options.Agent = "agent";
        await using var sender = new BatchSender(options);
        var batch = await EnqueueAsync(sender, 1);
        var first = await daemon.WelcomeAsync();
        await first.BatchAsync();
        await first.ErrorAsync(1, ErrorCode.BadContent, "the name is empty (message of the batch 1)");
        first.Close();
        var second = await daemon.WelcomeAsync();
        await second.BatchAsync();
        await second.ErrorAsync(1, ErrorCode.BadContent, "the name is empty (message of the batch 1)");
        await second.AckAsync(1);
        Assert.Single((await batch.Completion).Faults);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task EnqueueAsync_batch_refused_whole_is_reported_and_the_others_are_stored(bool closes)
    {
        await using var daemon = new FakeDaemon();
        await using var sender = new BatchSender(Options(daemon));
        var bad = await EnqueueAsync(sender, 1);
        var good = await EnqueueAsync(sender, 2);
        var connection = await daemon.WelcomeAsync();
        await connection.BatchAsync();
        await connection.ErrorAsync(1, ErrorCode.OverLimit, "the batch is longer than max_batch");
        if (closes)
        {
            connection.Close();
            connection = await daemon.WelcomeAsync();
        }

        var other = await connection.BatchAsync();
        Assert.Equal(2, other.Lines[0].Value);
        await connection.AckAsync(other.Seq);
        Assert.Equal(1, (await good.Completion).Accepted);
        var result = await bad.Completion;
        Assert.Equal((0, 1, ErrorCode.OverLimit), (result.Accepted, result.Rejected, result.Faults[0].Code));
    }

    [Fact]
    public async Task EnqueueAsync_storage_full_for_now_sends_again_from_that_batch_on()
    {
        await using var daemon = new FakeDaemon();
        var options = Options(daemon);
        options.Agent = "agent";
        await using var sender = new BatchSender(options);
        PendingBatch[] batches = [await EnqueueAsync(sender, 1), await EnqueueAsync(sender, 2)];
        var first = await daemon.WelcomeAsync();
        await first.BatchAsync();
        await first.BatchAsync();
        await first.ErrorAsync(1, ErrorCode.StorageFull, "storage is full or cannot be written");
        var second = await daemon.WelcomeAsync();
        Assert.Equal(1, (await second.BatchAsync()).Seq);
        Assert.Equal(2, (await second.BatchAsync()).Seq);
        await second.AckAsync(2);
        foreach (var batch in batches) Assert.True((await batch.Completion).IsComplete);
    }

    [Fact]
    public async Task EnqueueAsync_storage_stays_full_gives_up_with_the_daemons_words()
    {
        await using var daemon = new FakeDaemon();
        var options = Options(daemon);
        options.GiveUpAfter = TimeSpan.Zero;
        await using var sender = new BatchSender(options);
        var batch = await EnqueueAsync(sender, 1);
        var connection = await daemon.WelcomeAsync();
        await connection.BatchAsync();
        await connection.ErrorAsync(1, ErrorCode.StorageFull, "storage is full or cannot be written");
        var e = await Assert.ThrowsAsync<DataLayerException>(() => batch.Completion);
        Assert.Equal((FailureKind.Unavailable, ErrorCode.StorageFull), (e.Kind, e.Code));
    }

    [Fact]
    public async Task EnqueueAsync_silent_daemon_connects_again()
    {
        await using var daemon = new FakeDaemon();
        var options = Options(daemon);
        options.AckTimeout = TimeSpan.FromMilliseconds(200);
        await using var sender = new BatchSender(options);
        var batch = await EnqueueAsync(sender, 1);
        var silent = await daemon.WelcomeAsync();
        await silent.BatchAsync();
        var second = await daemon.WelcomeAsync();
        Assert.Equal(1, (await second.BatchAsync()).Lines[0].Value);
        await second.AckAsync(1);
        await batch.Completion;
        Assert.Null(await silent.MessageAsync());
    }

    [Fact]
    public async Task EnqueueAsync_foreign_use_of_the_agent_name_fails_loudly()
    {
        await using var daemon = new FakeDaemon();
        var options = Options(daemon);
        options.Agent = "shared";
        await using var sender = new BatchSender(options);
        var batch = await EnqueueAsync(sender, 1);
        var first = await daemon.WelcomeAsync(lastSeq: 5);
        Assert.Equal(6, (await first.BatchAsync()).Seq);
        first.Close();
        await daemon.WelcomeAsync(lastSeq: 9);
        var e = await Assert.ThrowsAsync<DataLayerException>(() => batch.Completion);
        Assert.Equal(FailureKind.Refused, e.Kind);
        Assert.Contains("another client uses the same agent name", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EnqueueAsync_refused_hello_fails_with_the_daemons_words()
    {
        await using var daemon = new FakeDaemon();
        await using var sender = new BatchSender(Options(daemon));
        var batch = await EnqueueAsync(sender, 1);
        var connection = await daemon.NextAsync();
        await connection.MessageAsync();
        await connection.ErrorAsync(0, ErrorCode.NotAllowed, "wrong token");
        var e = await Assert.ThrowsAsync<DataLayerException>(() => batch.Completion);
        Assert.Equal((FailureKind.Refused, ErrorCode.NotAllowed), (e.Kind, e.Code));
        Assert.Contains("wrong token", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EnqueueAsync_not_a_daemon_fails()
    {
        await using var daemon = new FakeDaemon();
        await using var sender = new BatchSender(Options(daemon));
        var batch = await EnqueueAsync(sender, 1);
        var connection = await daemon.NextAsync();
        await connection.SendAsync(w => w.WriteString("HTTP/1.1 400 Bad Request"));
        Assert.Equal(FailureKind.BadAnswer, (await Assert.ThrowsAsync<DataLayerException>(() => batch.Completion)).Kind);
    }

    [Fact]
    public async Task EnqueueAsync_nobody_listens_gives_up_and_says_where()
    {
        var port = FreePort();
        await using var sender = new BatchSender(new DataLayerClientOptions { Ingest = $"127.0.0.1:{port}", GiveUpAfter = TimeSpan.Zero });
        var batch = await EnqueueAsync(sender, 1);
        var e = await Assert.ThrowsAsync<DataLayerException>(() => batch.Completion);
        Assert.Equal(FailureKind.Unreachable, e.Kind);
        Assert.Equal($"cannot reach the daemon at 127.0.0.1:{port}: connection refused", e.Message);
    }

    [Fact]
    public async Task EnqueueAsync_daemon_comes_up_later_is_stored()
    {
        var port = FreePort();
        await using var sender = new BatchSender(new DataLayerClientOptions
        {
            Ingest = $"127.0.0.1:{port}", GiveUpAfter = TimeSpan.FromSeconds(20), ReconnectDelay = TimeSpan.FromMilliseconds(1), ReconnectDelayMax = TimeSpan.FromMilliseconds(5),
        });
        var batch = await EnqueueAsync(sender, 1);
        await using var daemon = new FakeDaemon(port);
        var connection = await daemon.WelcomeAsync();
        await connection.AckAsync((await connection.BatchAsync()).Seq);
        Assert.Equal(1, (await batch.Completion).Accepted);
    }

    [Fact]
    public async Task DisposeAsync_unacked_batch_fails()
    {
        await using var daemon = new FakeDaemon();
        var sender = new BatchSender(Options(daemon));
        var batch = await EnqueueAsync(sender, 1);
        await (await daemon.WelcomeAsync()).BatchAsync();
        await sender.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => batch.Completion);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await EnqueueAsync(sender, 2));
    }

    /// <summary>Connections break at random places under load: each batch is applied once by a peer that keeps the protocol's rule, and each is acked.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task EnqueueAsync_connections_break_at_random_each_batch_is_applied_once(int seed)
    {
        await using var daemon = new FakeDaemon();
        var options = Options(daemon);
        (options.Agent, options.MaxUnackedBatches, options.AckTimeout) = ("agent", 16, TimeSpan.FromMilliseconds(200));
        await using var sender = new BatchSender(options);
        var random = new Random(seed);
        var applied = new List<double>();
        var lastSeq = 0L;
        var serving = ServeAsync();
        var batches = new List<PendingBatch>();
        for (var i = 0; i < 300; i++) batches.Add(await EnqueueAsync(sender, i));
        foreach (var batch in batches) Assert.Equal(1, (await batch.Completion.WaitAsync(TimeSpan.FromSeconds(30))).Accepted);
        await sender.DisposeAsync();
        await daemon.DisposeAsync();
        await serving;
        Assert.Equal(Enumerable.Range(0, 300).Select(i => (double)i), applied);
        Assert.True(sender.Connections > 5, $"seed {seed}: {sender.Connections} connections");

        async Task ServeAsync()
        {
            try
            {
                while (true) await ServeOneAsync(await daemon.WelcomeAsync(lastSeq));
            }
            catch (Exception e) when (e is System.Threading.Channels.ChannelClosedException or SocketException)
            {
                // The test is over.
            }
        }

        async Task ServeOneAsync(FakeConnection connection)
        {
            for (var left = random.Next(1, 40); left > 0; left--)
            {
                if (await connection.TryBatchAsync() is not { } batch) break;
                if (batch.Seq > lastSeq)
                {
                    Assert.Equal(lastSeq + 1, batch.Seq);
                    lastSeq = batch.Seq;
                    applied.Add(batch.Lines[0].Value);
                }

                // An ack that is withheld is made up for by a later one, or by the next welcome.
                if (random.Next(4) > 0) await connection.AckAsync(lastSeq);
            }

            connection.Close();
        }
    }

    private static async Task<PendingBatch> EnqueueAsync(BatchSender sender, double value)
    {
        using var writer = new MsgPackWriter();
        MessageEncoder.WriteLine(writer, "a", default, 1, value);
        return await sender.EnqueueAsync(writer.WrittenMemory, 1);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
