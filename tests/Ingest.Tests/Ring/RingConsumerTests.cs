using DataLayer.Ingest.Ring;
using Xunit;
using Record = DataLayer.Ingest.Records.Record;

namespace DataLayer.Ingest.Tests.Ring;

public sealed class RingConsumerTests
{
    private static readonly TimeSpan Forever = TimeSpan.FromMilliseconds(-1);

    // A loaded machine must not be taken for a miss; a control may be.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ControlPatience = TimeSpan.FromSeconds(1);

    [Fact]
    public void WaitForNext_nothing_comes_returns_after_the_timeout()
    {
        using var consumer = new RecordRing(4, 7, 1).Consumers[0];
        Assert.Equal(7, consumer.WaitForNext(7, TimeSpan.FromMilliseconds(1)));
    }

    /// <summary>The claim: a record published at the moment when the consumer falls asleep wakes it, though nothing comes after it.</summary>
    [Fact]
    public void Stress_publish_wakes_a_consumer_that_is_falling_asleep()
    {
        var ring = new RecordRing(4, 0, 1);
        using var consumer = ring.Consumers[0];
        Assert.Null(FirstMissed(30_000, Patience, Publish, Wait, consumer.Wake));

        void Publish() => Assert.True(ring.TryPublish(NewRecord()));

        bool Wait(long sequence)
        {
            var available = consumer.WaitForNext(sequence, Forever);
            consumer.Advance(available);
            return available > sequence;
        }
    }

    /// <summary>The control: a consumer that does not look once more after it has said that it sleeps must be caught by the same check.</summary>
    [Fact]
    public void Stress_control_that_sleeps_without_a_last_look_is_caught()
    {
        using var wake = new ManualResetEventSlim(false, 0);
        var (published, parked) = (0L, 0);
        Assert.NotNull(FirstMissed(3_000_000, ControlPatience, Publish, Wait, wake.Set));

        void Publish()
        {
            Interlocked.Increment(ref published);
            if (Volatile.Read(ref parked) != 0) wake.Set();
        }

        bool Wait(long sequence)
        {
            var spinner = default(SpinWait);
            for (var spin = 0; spin < 10 && Volatile.Read(ref published) == sequence; spin++) spinner.SpinOnce(sleep1Threshold: -1);
            if (Volatile.Read(ref published) > sequence) return true;
            wake.Reset();
            Interlocked.Exchange(ref parked, 1);
            wake.Wait();
            Volatile.Write(ref parked, 0);
            return Volatile.Read(ref published) > sequence;
        }
    }

    /// <summary>The claim: <see cref="RingConsumer.Wake"/> ends the wait that is going on, or the next one: a stop is never overslept.</summary>
    [Fact]
    public void Stress_wake_is_never_overslept()
    {
        using var consumer = new RecordRing(4, 0, 1).Consumers[0];
        var woken = 0L;
        Assert.Null(FirstMissed(30_000, Patience, Wake, _ => Sleep(), consumer.Wake));

        void Wake()
        {
            Interlocked.Increment(ref woken);
            consumer.Wake();
        }

        bool Sleep()
        {
            consumer.WaitForNext(0, Forever);
            return Interlocked.Exchange(ref woken, 0) > 0;
        }
    }

    /// <summary>The control: a wake that sets the event alone, which one who is falling asleep resets, must be caught by the same check.</summary>
    [Fact]
    public void Stress_control_that_sets_the_event_alone_is_caught()
    {
        using var wake = new ManualResetEventSlim(false, 0);
        var woken = 0L;
        Assert.NotNull(FirstMissed(3_000_000, ControlPatience, Wake, _ => Sleep(), wake.Set));

        void Wake()
        {
            Interlocked.Increment(ref woken);
            wake.Set();
        }

        bool Sleep()
        {
            wake.Reset();
            wake.Wait();
            return Interlocked.Exchange(ref woken, 0) > 0;
        }
    }

    /// <summary>One thing happens in each round and the sleeper has to notice; the first round in which it did not, or null.</summary>
    /// <param name="sleep">Waits; whether the thing was there. It gets how many there were before.</param>
    /// <param name="rouse">Wakes the sleeper at the end, come what may.</param>
    private static int? FirstMissed(int rounds, TimeSpan patience, Action happen, Func<long, bool> sleep, Action rouse)
    {
        var (noticed, isOver, jitter) = (0L, false, new Random(7));
        var sleeper = new Thread(() =>
        {
            for (var seen = 0L; seen < rounds && !Volatile.Read(ref isOver);)
            {
                if (sleep(seen)) Volatile.Write(ref noticed, ++seen);
            }
        });
        sleeper.Start();
        int? missed = null;
        for (var round = 1; round <= rounds && missed is null; round++)
        {
            Spin.Jitter(jitter); // From before the sleeper's last look to after it sleeps.
            happen();
            if (!Spin.Until(() => Volatile.Read(ref noticed) == round, patience)) missed = round;
        }

        Volatile.Write(ref isOver, true);
        while (!sleeper.Join(1)) rouse();
        return missed;
    }

    private static Record NewRecord()
    {
        var record = new Record(64);
        record.Complete(0, 0, 0);
        return record;
    }
}
