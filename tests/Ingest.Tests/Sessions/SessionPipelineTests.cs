using DataLayer.Ingest.Agents;
using DataLayer.Ingest.Sessions;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static DataLayer.Ingest.Tests.Sessions.SessionFixture;

namespace DataLayer.Ingest.Tests.Sessions;

/// <summary>Sessions on the real pipeline, with its threads: a small ring, several agents, each batch sent twice.</summary>
public sealed class SessionPipelineTests
{
    private const int Sessions = 4;
    private const int Batches = 150;
    private const int Lines = 40;

    [Fact]
    public async Task Consume_onThePipeline_storesEachSampleOnceAndAcksAll()
    {
        await using var fixture = new PipelineFixture(new IngestOptions { Shards = 2, RingSlots = 64, InFlightBytesMax = 1 << 16 });
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddMicroseconds(Now));
        var host = new SessionHost(fixture.Pipeline, new AgentTable(fixture.Definitions), time: time);
        var outputs = await Task.WhenAll(Enumerable.Range(0, Sessions).Select(i => Task.Run(() => SendAsync(host, i))));

        var total = host.Total();
        Assert.Equal(Sessions * Batches * Lines, total.Published);
        Assert.Equal(total.Received, total.Published + total.RejectedTotal + total.DroppedTotal);
        Assert.Equal(total.Published, fixture.Pipeline.PublishedSamples);
        Assert.Equal(total.Published, fixture.Pipeline.StoredSamples);
        Assert.Equal(Sessions * Batches, total.Batches);
        Assert.Equal(Sessions * Batches, total.DuplicateBatches);
        Assert.All(outputs, output => Assert.Equal($"ack {Batches}", output.Messages[^1]));
        await fixture.SettleAsync(fixture.Pipeline.DurableLsn);
        for (var series = 0; series < Sessions; series++) Assert.Equal(Batches * Lines, fixture.ReadAll(series).Count);
    }

    private static async Task<TestOutput> SendAsync(SessionHost host, int number)
    {
        var output = new TestOutput();
        using var session = new Session(host, SessionKind.Tcp, output, "test");
        await FeedAsync(session, Hello($"agent {number}"));
        for (var seq = 1; seq <= Batches; seq++)
        {
            var at = seq * Lines;
            var batch = Batch(seq, [.. Enumerable.Range(at, Lines).Select(i => Line($"s{number}", i, i))]);
            await FeedAsync(session, batch);
            await FeedAsync(session, batch);
        }

        await session.WhenAllDurableAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));
        return output;
    }

    private static async Task FeedAsync(Session session, ReadOnlyMemory<byte> bytes)
    {
        while (session.Consume(bytes.Span, out var consumed) == SessionStatus.Backpressure)
        {
            bytes = bytes[consumed..];
            await session.WaitForCapacityAsync(CancellationToken.None);
        }

        while (session.FinishInput() == SessionStatus.Backpressure) await session.WaitForCapacityAsync(CancellationToken.None);
    }
}
