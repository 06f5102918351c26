using DataLayer.Ingest.Sessions;
using DataLayer.Protocol;
using Xunit;
using static DataLayer.Ingest.Tests.Sessions.SessionFixture;

namespace DataLayer.Ingest.Tests.Sessions;

/// <summary>Once and only once, acks and flushes, back-pressure, and what happens when nothing is taken.</summary>
public sealed class SessionAckTests
{
    [Fact]
    public void Batch_sentAgain_isAckedAndNotApplied()
    {
        using var fixture = new SessionFixture();
        fixture.Sink.IsInstant = false;
        fixture.Feed(Hello("a"), Batch(1, Line("m")), Batch(2, Line("n")));
        fixture.Reconnect();
        fixture.Feed(Hello("a"), Batch(1, Line("m")), Batch(2, Line("n")));
        Assert.Equal(["welcome 0"], fixture.Output.Take());
        Assert.Equal(2, fixture.Counters.DuplicateBatches);
        Assert.Equal(0, fixture.Counters.Received);
        fixture.Sink.MakeDurable(2);
        Assert.Equal(["ack 2"], fixture.Output.Take());
        Assert.Equal(2, fixture.Sink.Samples.Count());
    }

    [Fact]
    public void Flush_manyForOneRecord_waitOnce()
    {
        using var fixture = new SessionFixture();
        fixture.Sink.IsInstant = false;
        fixture.Feed(Line("m"));
        fixture.Feed([.. Enumerable.Range(1, 100).Select(number => Flush(number))]);
        Assert.Equal(1, fixture.Sink.Waiting);
        fixture.Sink.MakeDurable(1);
        Assert.Equal(Enumerable.Range(1, 100).Select(number => $"ack {number}"), fixture.Output.Take());
        fixture.Feed(Flush(101));
        Assert.Equal(["ack 101"], fixture.Output.Take());
        Assert.Equal(0, fixture.Sink.Waiting);
    }

    [Fact]
    public void Flush_inNoOrderPastTheLimit_isRefused()
    {
        const int Limit = 1 << 16;
        using var fixture = new SessionFixture();
        fixture.Sink.IsInstant = false;
        fixture.Feed(Line("m"));
        fixture.Feed(Join([.. Enumerable.Range(0, Limit).Select(i => Flush(1_000_000 - i))]));
        Assert.Empty(fixture.Output.Take());
        fixture.Feed(Flush(5));
        Assert.Equal(["error 0 2"], fixture.Output.Take());
        fixture.Sink.MakeDurable(1);
        Assert.Equal(Limit, fixture.Output.Take().Length);
        fixture.Feed(Flush(5));
        Assert.Equal(["ack 5"], fixture.Output.Take());
    }

    [Fact]
    public void Batch_sentAgainAndBroken_isStillAcked()
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Hello("a"), Batch(1, Line("m")), Encode(writer => MessageEncoder.WriteBatch(writer, 1, BatchCodec.Zstd, 10, [1, 2, 3])));
        Assert.Equal(["welcome 0", "ack 1", "ack 1"], fixture.Output.Messages);
    }

    [Fact]
    public void Batch_ofTwoConnectionsAtOnce_isAppliedOnce()
    {
        using var fixture = new SessionFixture();
        var otherOutput = new TestOutput();
        using var other = new Session(fixture.Host, SessionKind.Tcp, otherOutput, "other");
        fixture.Feed(Hello("a"));
        other.Consume(Hello("a"), out _);

        // Both have unpacked it before one is admitted: the first waits for room, the second gets it.
        fixture.Sink.Room = 0;
        Assert.Equal(SessionStatus.Backpressure, fixture.Feed(Batch(1, Line("m"))));
        fixture.Sink.Room = 10;
        other.Consume(Batch(1, Line("m")), out _);
        Assert.Equal(SessionStatus.Continue, fixture.Feed());
        Assert.Equal(["m 0 1"], fixture.Values);
        Assert.Equal(1, fixture.Counters.Rejected[(int)RejectReason.Duplicate]);
        Assert.Equal("ack 1", fixture.Output.Messages[^1]);
        Assert.Equal("ack 1", otherOutput.Messages[^1]);
    }

    [Fact]
    public void Batch_stress_ofManyConnections_isAppliedOnceEach()
    {
        const int Connections = 4;
        const int Batches = 300;
        var fixture = new SessionFixture();
        var gate = new LockedSink(fixture.Sink);
        var host = new SessionHost(gate, fixture.Agents, null, 1000, fixture.Time);
        Parallel.For(0, Connections, new ParallelOptions { MaxDegreeOfParallelism = Connections }, _ =>
        {
            using var session = new Session(host, SessionKind.Tcp, new TestOutput { IsNull = true }, "stress");
            session.Consume(Hello("a"), out var _);
            for (var seq = 1; seq <= Batches; seq++)
            {
                Assert.Equal(SessionStatus.Continue, session.Consume(Batch(seq, Line("m", seq)), out var _));
            }
        });
        Assert.Equal(Enumerable.Range(1, Batches).Select(seq => (long)seq), fixture.Sink.Records.Select(record => record.BatchSeq));
        var total = host.Total();
        Assert.Equal(Batches, total.Batches);
        Assert.Equal((Connections - 1) * Batches, total.DuplicateBatches);
        Assert.Equal(total.Received, total.Published + total.RejectedTotal);
    }

    [Fact]
    public void Batch_afterAGap_isAppliedAndCounted()
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Hello("a"), Batch(1, Line("m")), Batch(5, Line("m")), Batch(3, Line("m")));
        Assert.Equal([1, 5], fixture.Sink.Records.Select(record => record.BatchSeq));
        Assert.Equal(1, fixture.Counters.BatchGaps);
        Assert.Equal(1, fixture.Counters.DuplicateBatches);
    }

    [Theory]
    [InlineData(Admission.StorageFull, 7, RejectReason.StorageFull)]
    [InlineData(Admission.MemoryFull, 7, RejectReason.MemoryFull)]
    [InlineData(Admission.Stopping, 8, RejectReason.Stopping)]
    public void Batch_whileNothingIsTaken_isRefusedWhole(Admission admission, int code, RejectReason reason)
    {
        using var fixture = new SessionFixture();
        fixture.Feed(Hello("a"), Batch(1, Line("m")));
        fixture.Sink.Admission = admission;
        fixture.Feed(Batch(2, Line("m")), Batch(1, Line("m")));
        Assert.Equal(["welcome 0", "ack 1", $"error 2 {code}", "ack 1"], fixture.Output.Take());
        Assert.Equal(1, fixture.Counters.BatchesRejected[(int)reason]);
        Assert.Equal(1, fixture.Counters.Received);

        // An ack speaks for all before it: 3 must wait until 2 has come again.
        fixture.Sink.Admission = Admission.Open;
        fixture.Feed(Batch(3, Line("n")));
        Assert.Equal(["error 3 7"], fixture.Output.Take());
        fixture.Feed(Batch(2, Line("m")), Batch(3, Line("n")));
        Assert.Equal(["ack 2", "ack 3"], fixture.Output.Take());
        Assert.Equal([1, 2, 3], fixture.Sink.Records.Select(record => record.BatchSeq));
    }

    [Fact]
    public void Batch_waitingWhenTheServerStops_isRefused()
    {
        using var fixture = new SessionFixture();
        fixture.Sink.Room = 0;
        Assert.Equal(SessionStatus.Backpressure, fixture.Feed(Hello("a"), Batch(1, Line("m"), Line("n"))));
        fixture.Sink.Admission = Admission.Stopping;
        Assert.Equal(SessionStatus.Continue, fixture.Feed());
        Assert.Equal(["welcome 0", "error 1 8"], fixture.Output.Messages);
        Assert.Equal(2, fixture.Counters.Rejected[(int)RejectReason.Stopping]);
    }

    [Fact]
    public void Samples_whileNothingIsTaken_areRejectedWithOneErrorPerSecond()
    {
        using var fixture = new SessionFixture();
        fixture.Sink.Admission = Admission.StorageFull;
        for (var i = 0; i < 10; i++) fixture.Feed(Line("m"), Line("n"));
        Assert.Equal(["error 0 7"], fixture.Output.Take());
        fixture.Time.Advance(TimeSpan.FromSeconds(1));
        fixture.Feed(Line("m"));
        Assert.Equal(["error 0 7"], fixture.Output.Take());
        Assert.Equal(21, fixture.Counters.Rejected[(int)RejectReason.StorageFull]);

        // What was refused is told before anything is acked, however soon.
        fixture.Feed(Line("m"));
        Assert.Empty(fixture.Output.Take());
        fixture.Feed(Flush(1));
        Assert.Equal(["error 0 7", "ack 1"], fixture.Output.Take());
    }

    [Fact]
    public void Flush_isAckedWhenAllBeforeIsDurable()
    {
        using var fixture = new SessionFixture();
        fixture.Sink.IsInstant = false;
        fixture.Feed(Flush(1), Line("a"), Flush(2), Batch(7, Line("b")), Flush(3));
        Assert.Equal(["ack 1"], fixture.Output.Take());
        fixture.Sink.MakeDurable(1);
        Assert.Equal(["ack 2"], fixture.Output.Take());
        fixture.Sink.MakeDurable(2);
        Assert.Equal(["ack 7", "ack 3"], fixture.Output.Take());
    }

    [Fact]
    public void Acks_ofManyBatches_areOneSend()
    {
        using var fixture = new SessionFixture();
        fixture.Sink.IsInstant = false;
        fixture.Feed([.. Enumerable.Range(1, 100).Select(seq => Batch(seq, Line("m")))]);
        var sends = fixture.Output.Sends;
        fixture.Sink.MakeDurable(60);
        Assert.Equal(["ack 60"], fixture.Output.Take());
        fixture.Sink.MakeDurable(100);
        Assert.Equal(["ack 100"], fixture.Output.Take());
        Assert.Equal(sends + 2, fixture.Output.Sends);
    }

    [Fact]
    public void Flush_flood_staysBounded()
    {
        using var fixture = new SessionFixture();
        fixture.Sink.IsInstant = false;
        fixture.Feed(Line("m"));
        for (var i = 1; i <= 100; i++) fixture.Feed([.. Enumerable.Range(0, 100).Select(j => Flush((i * 100) + j))]);
        fixture.Sink.MakeDurable(1);
        Assert.InRange(fixture.Output.Messages.Count, 1, 4097);
        Assert.Equal("ack 10099", fixture.Output.Messages[^1]);
    }

    [Fact]
    public void Consume_ringFull_keepsTheOrder()
    {
        using var fixture = new SessionFixture();
        var stream = Join(Line("a"), Batch(1, Line("b")), Line("c"), Batch(2, Line("d")), Schema(1, "e"), Row(1, 1), Flush(3), Line("f"));
        fixture.Sink.Room = 0;
        var at = 0;
        for (var calls = 0; at < stream.Length; calls++)
        {
            Assert.InRange(calls, 0, 100);
            var status = fixture.Session.Consume(stream.AsSpan(at), out var consumed);
            at += consumed;
            if (status == SessionStatus.Continue) break;
            Assert.Equal(SessionStatus.Backpressure, status);
            fixture.Sink.Room = calls % 3 == 2 ? 1 : 0;
        }

        fixture.Sink.Room = 0;
        Assert.Equal(SessionStatus.Backpressure, fixture.Session.FinishInput());
        fixture.Sink.Room = 1;
        Assert.Equal(SessionStatus.Continue, fixture.Session.FinishInput());
        Assert.Equal(["a", "b", "c", "d", "e", "f"], fixture.Sink.Samples.Select(sample => sample.Series));
        Assert.Equal(["ack 1", "ack 2", "ack 3"], fixture.Output.Messages);
    }

    [Fact]
    public void Consume_largeRead_isPublishedInPieces()
    {
        using var fixture = new SessionFixture(new SessionOptions { RecordBytes = 100_000 });
        fixture.Feed([.. Enumerable.Range(0, 20_000).Select(i => Line("m", i, i))]);
        Assert.InRange(fixture.Sink.Records.Count, 2, 10);
        Assert.Equal(Enumerable.Range(0, 20_000).Select(i => (double)i), fixture.Sink.Samples.Select(sample => sample.Value));
    }

    [Fact]
    public void Dispose_whileARecordWaits_countsADrop()
    {
        using var fixture = new SessionFixture();
        fixture.Sink.Room = 0;
        Assert.Equal(SessionStatus.Backpressure, fixture.Feed(Line("a"), Line("b")));
        Assert.Equal((2, 0), (fixture.Session.Summary.Received, fixture.Session.Summary.Accepted));
        fixture.Session.Dispose();
        Assert.Equal(2, fixture.Host.Total().Dropped[(int)DropReason.SessionClosed]);
    }

    [Fact]
    public async Task WhenAllDurable_completesWithTheLastRecord()
    {
        using var fixture = new SessionFixture(kind: SessionKind.Http);
        fixture.Sink.IsInstant = false;
        Assert.True(fixture.Session.WhenAllDurableAsync(CancellationToken.None).IsCompletedSuccessfully);
        fixture.Feed(Line("a"), Batch(0, Line("b")));
        var durable = fixture.Session.WhenAllDurableAsync(CancellationToken.None);
        fixture.Sink.MakeDurable(1);
        Assert.False(durable.IsCompleted);
        fixture.Sink.MakeDurable(2);
        await durable.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(2, fixture.Session.Summary.Accepted);
    }

    [Fact]
    public void Summary_tellsWhatWasRefused()
    {
        using var fixture = new SessionFixture(kind: SessionKind.Http);
        fixture.Feed(Line("a"), Line(string.Empty), Row(1, 1, 2));
        var summary = fixture.Session.Summary;
        Assert.Equal((4, 1, 3), (summary.Received, summary.Accepted, summary.Rejected));
        Assert.Equal((1, 1), (summary.Errors[(int)ErrorCode.BadContent], summary.Errors[(int)ErrorCode.BadSchema]));
        Assert.Equal(ErrorCode.BadContent, summary.FirstCode);
        Assert.Equal("the name is empty (message 2)", summary.FirstError);
    }
}
