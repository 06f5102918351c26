using DataLayer.Ingest.Records;
using DataLayer.Ingest.Ring;
using Xunit;
using Record = DataLayer.Ingest.Records.Record;

namespace DataLayer.Ingest.Tests;

/// <summary>The claims of the pipeline about races, each with a control.</summary>
public sealed class IngestPipelineStressTests
{
    /// <summary>The claim: who asks to be told of an LSN at the moment when it is reached is told, though nothing comes after it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stress_a_waiter_for_an_LSN_that_is_being_reached_is_told(bool durable)
    {
        await using var fixture = new PipelineFixture();
        var pipeline = fixture.Pipeline;
        Assert.Null(FirstUntold(5_000, TimeSpan.FromSeconds(20), Begin, durable ? pipeline.WhenDurable : pipeline.WhenApplied));

        long Begin()
        {
            var record = pipeline.Rent();
            record.AddSample(0, 1, 1);
            record.Complete(0, 0, 1);
            long lsn;
            while (!pipeline.TryPublish(record, out lsn)) Thread.Yield(); // The slower consumers have yet to come.
            return lsn;
        }
    }

    /// <summary>The control: a wait that does not look at the progress once it is registered must be caught by the same check.</summary>
    [Fact]
    public void Stress_control_that_registers_without_a_look_is_caught()
    {
        var waiters = new AckWaiters(durable: true);
        var (begun, isOver) = (0L, false);
        var progress = new Thread(() =>
        {
            for (var lsn = 1L; ; lsn++)
            {
                var spinner = default(SpinWait);
                while (Volatile.Read(ref begun) < lsn && !Volatile.Read(ref isOver)) spinner.SpinOnce(sleep1Threshold: -1);
                if (Volatile.Read(ref isOver)) return;
                waiters.Notify(lsn);
            }
        });
        progress.Start();
        Assert.NotNull(FirstUntold(3_000_000, TimeSpan.FromSeconds(1), () => Interlocked.Increment(ref begun), waiters.Add));
        Volatile.Write(ref isOver, true);
        progress.Join();
    }

    /// <summary>The claim: a stop leaves nothing behind: what is in flight is applied and durable when it is over.</summary>
    [Fact]
    public async Task Stress_stop_applies_and_commits_what_is_in_flight()
    {
        for (var round = 0; round < 200; round++)
        {
            var fixture = new PipelineFixture();
            var lsn = 0L;
            for (var i = 0; i < 50; i++) lsn = await fixture.PublishAsync(record => record.AddSample(i % 3, i, i));
            await fixture.DisposeAsync();
            Assert.Equal((50, lsn, lsn), (fixture.Pipeline.StoredSamples, fixture.Pipeline.DurableLsn, fixture.Pipeline.AppliedLsn));
        }
    }

    /// <summary>The control: a consumer that leaves when it is told to stop, and not when the ring is empty, must be caught by the same check.</summary>
    [Fact]
    public void Stress_control_that_stops_at_once_is_caught()
    {
        var left = 0L;
        for (var round = 0; round < 1000 && left == 0; round++)
        {
            var (ring, isStopping) = (new RecordRing(64, 0, 1), false);
            var consumer = ring.Consumers[0];
            Record[] records = [.. Enumerable.Range(0, 50).Select(_ => new Record(64))];
            foreach (var record in records) record.Complete(0, 0, 0);
            var loop = new Thread(() =>
            {
                while (!Volatile.Read(ref isStopping))
                {
                    if (consumer.WaitForNext(consumer.Sequence, TimeSpan.FromMilliseconds(1)) > consumer.Sequence) consumer.Advance(consumer.Sequence + 1);
                }
            });
            loop.Start();
            foreach (var record in records) Assert.True(ring.TryPublish(record));
            Volatile.Write(ref isStopping, true);
            loop.Join();
            left = 50 - consumer.Sequence;
            consumer.Dispose();
        }

        Assert.NotEqual(0, left);
    }

    private static long? FirstUntold(int rounds, TimeSpan patience, Func<long> begin, Action<IAckTarget, long> when)
    {
        var jitter = new Random(7);
        for (var round = 0; round < rounds; round++)
        {
            var target = new Target();
            var lsn = begin();
            Spin.Jitter(jitter);
            when(target, lsn);
            if (!Spin.Until(() => target.Told >= lsn, patience)) return lsn;
        }

        return null;
    }

    private sealed class Target : IAckTarget
    {
        private long _told;

        public long Told => Volatile.Read(ref _told);

        public void OnDurable(long lsn) => Volatile.Write(ref _told, lsn);

        public void OnApplied(long lsn) => Volatile.Write(ref _told, lsn);
    }
}
