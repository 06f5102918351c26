using DataLayer.Client.Ingest;
using DataLayer.Protocol;
using Xunit;

namespace DataLayer.Client.Tests;

public sealed class DataLayerClientTests
{
    private static readonly DateTimeOffset Time = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123);

    [Fact]
    public async Task StoreAsync_acked_returns_all_accepted()
    {
        await using var daemon = new FakeDaemon();
        await using var client = new DataLayerClient(Options(daemon));
        var storing = client.StoreAsync([Sample("a", 1), Sample("b", 2.5)]);
        var connection = await daemon.WelcomeAsync();
        var batch = await connection.BatchAsync();
        Assert.False(storing.IsCompleted);
        await connection.AckAsync(batch.Seq);
        var result = await storing;
        Assert.Equal((2, 0, true), (result.Accepted, result.Rejected, result.IsComplete));
        Assert.Equal([("a", 1, 1_700_000_000_123_000), ("b", 2.5, 1_700_000_000_123_000)], batch.Lines);
    }

    [Fact]
    public async Task StoreAsync_hello_carries_agent_token_and_ack_mode()
    {
        await using var daemon = new FakeDaemon();
        var options = Options(daemon);
        (options.Agent, options.Token, options.AckMode) = ("agent-1", "secret", AckMode.Memory);
        await using var client = new DataLayerClient(options);
        var storing = client.StoreAsync([Sample("a", 1)]);
        var connection = await daemon.WelcomeAsync();
        await connection.AckAsync((await connection.BatchAsync()).Seq);
        await storing;
        Assert.Equal("agent-1", connection.Hello["agent"]);
        Assert.Equal("secret", connection.Hello["token"]);
        Assert.Equal("memory", connection.Hello["ack"]);
        Assert.Equal(1L, connection.Hello["v"]);
    }

    [Fact]
    public async Task StoreAsync_some_refused_reports_code_count_and_text()
    {
        await using var daemon = new FakeDaemon();
        await using var client = new DataLayerClient(Options(daemon));
        var storing = client.StoreAsync(Enumerable.Range(0, 10).Select(i => Sample("a", i)));
        var connection = await daemon.WelcomeAsync();
        var batch = await connection.BatchAsync();
        await connection.ErrorAsync(batch.Seq, ErrorCode.BadContent, "the name is empty (3 times, first in message of the batch 2)");
        await connection.AckAsync(batch.Seq);
        var result = await storing;
        Assert.Equal((7, 3), (result.Accepted, result.Rejected));
        Assert.Equal([new BatchFault(ErrorCode.BadContent, 3, 2, "the name is empty (3 times, first in message of the batch 2)")], result.Faults);
        Assert.False(result.Faults[0].IsTransient);
    }

    [Fact]
    public async Task StoreAsync_over_batch_bytes_sends_several_batches_numbered_in_order()
    {
        await using var daemon = new FakeDaemon();
        var options = Options(daemon);
        options.BatchBytes = 4096;
        await using var client = new DataLayerClient(options);
        var storing = client.StoreAsync(Enumerable.Range(0, 1000).Select(i => Sample("metric", i)));
        var connection = await daemon.WelcomeAsync();
        var values = new List<double>();
        for (var seq = 1L; values.Count < 1000; seq++)
        {
            var batch = await connection.BatchAsync();
            Assert.Equal(seq, batch.Seq);
            Assert.InRange(batch.Messages.Length, 1, 4096 + 40);
            values.AddRange(batch.Lines.Select(l => l.Value));
            await connection.AckAsync(seq);
        }

        Assert.Equal(1000, (await storing).Accepted);
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => (double)i), values);
    }

    [Fact]
    public async Task StoreAsync_lz4_packs_what_shrinks_and_sends_the_rest_as_it_is()
    {
        await using var daemon = new FakeDaemon();
        var options = Options(daemon);
        options.Codec = BatchCodec.Lz4;
        await using var client = new DataLayerClient(options);
        var large = client.StoreAsync(Enumerable.Range(0, 500).Select(i => Sample("metric", i)));
        var connection = await daemon.WelcomeAsync();
        var packed = await connection.BatchAsync();
        Assert.Equal(BatchCodec.Lz4, packed.Codec);
        Assert.Equal(500, packed.Lines.Count);
        var small = client.StoreAsync([Sample("a", 1)]);
        var plain = await connection.BatchAsync();
        Assert.Equal(BatchCodec.None, plain.Codec);
        await connection.AckAsync(plain.Seq);
        Assert.Equal(501, (await large).Accepted + (await small).Accepted);
    }

    [Fact]
    public async Task StoreAsync_no_time_takes_the_clients_clock()
    {
        await using var daemon = new FakeDaemon();
        await using var client = new DataLayerClient(Options(daemon));
        var before = DateTimeOffset.UtcNow;
        var storing = client.StoreAsync([new MetricSample("a", 1)]);
        var connection = await daemon.WelcomeAsync();
        var batch = await connection.BatchAsync();
        await connection.AckAsync(batch.Seq);
        await storing;
        Assert.InRange(batch.Lines[0].Time, SampleWriter.UnixMicros(before), SampleWriter.UnixMicros(DateTimeOffset.UtcNow));
    }

    [Fact]
    public async Task StoreAsync_no_name_throws_and_sends_nothing()
    {
        await using var daemon = new FakeDaemon();
        await using var client = new DataLayerClient(Options(daemon));
        await Assert.ThrowsAsync<ArgumentException>(() => client.StoreAsync([default]));
    }

    [Fact]
    public async Task StoreAsync_more_than_max_unacked_waits_for_an_ack()
    {
        await using var daemon = new FakeDaemon();
        var options = Options(daemon);
        options.MaxUnackedBatches = 2;
        await using var client = new DataLayerClient(options);
        Task<StoreResult>[] calls = [client.StoreAsync([Sample("a", 1)]), client.StoreAsync([Sample("a", 2)]), client.StoreAsync([Sample("a", 3)])];
        var connection = await daemon.WelcomeAsync();
        await connection.BatchAsync();
        await connection.BatchAsync();
        // The third is not on the wire: an ack of the first lets it out.
        var third = connection.BatchAsync();
        Assert.False(third.IsCompleted);
        await connection.AckAsync(1);
        Assert.Equal(3, (await third).Seq);
        await connection.AckAsync(3);
        await Task.WhenAll(calls);
    }

    [Fact]
    public async Task PostAsync_gathers_until_flush()
    {
        await using var daemon = new FakeDaemon();
        var options = Options(daemon);
        options.BatchInterval = TimeSpan.FromHours(1);
        await using var client = new DataLayerClient(options);
        for (var i = 0; i < 5; i++) await client.PostAsync(Sample("a", i));
        var flushing = client.FlushAsync();
        var connection = await daemon.WelcomeAsync();
        var batch = await connection.BatchAsync();
        Assert.Equal(5, batch.Lines.Count);
        await connection.ErrorAsync(batch.Seq, ErrorCode.SeriesLimit, "the limit is reached (message of the batch 5)");
        await connection.AckAsync(batch.Seq);
        var result = await flushing;
        Assert.Equal((4, 1), (result.Accepted, result.Rejected));
        Assert.True(result.Faults[0].IsTransient);
        Assert.Equal(0, (await client.FlushAsync()).Accepted);
    }

    [Fact]
    public async Task PostAsync_sends_when_the_interval_is_over()
    {
        await using var daemon = new FakeDaemon();
        var time = new ManualTime();
        var options = Options(daemon);
        options.TimeProvider = time;
        options.BatchInterval = TimeSpan.FromMilliseconds(100);
        await using var client = new DataLayerClient(options);
        await client.PostAsync(Sample("a", 1));
        await client.PostAsync(Sample("a", 2));
        time.Advance(TimeSpan.FromMilliseconds(100));
        var connection = await daemon.WelcomeAsync();
        var batch = await connection.BatchAsync();
        Assert.Equal(2, batch.Lines.Count);
        await connection.AckAsync(batch.Seq);
        Assert.Equal(2, (await client.FlushAsync()).Accepted);
    }

    [Fact]
    public void MetricSample_without_constructor_has_quality_one() => Assert.Equal(1, new MetricSample { Name = "a", Value = 1 }.QualityScore);

    internal static MetricSample Sample(string name, double value) => new(name, value, null, Time);

    internal static DataLayerClientOptions Options(FakeDaemon daemon) => new()
    {
        Ingest = daemon.Address,
        ReconnectDelay = TimeSpan.FromMilliseconds(1),
        ReconnectDelayMax = TimeSpan.FromMilliseconds(5),
        GiveUpAfter = TimeSpan.FromSeconds(20),
    };
}
