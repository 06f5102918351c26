using DataLayer.Ingest.Records;
using DataLayer.Ingest.Ring;
using Xunit;

namespace DataLayer.Ingest.Tests.Ring;

public sealed class AckWaitersTests
{
    [Fact]
    public void Notify_tells_those_who_are_reached_once_and_keeps_the_others()
    {
        var waiters = new AckWaiters(durable: true);
        var (early, late) = (new Target(), new Target());
        waiters.Add(late, 7);
        waiters.Add(early, 5);
        waiters.Notify(4);
        Assert.Equal((0, 0), (early.Told, late.Told));
        waiters.Notify(6);
        Assert.Equal((6, 0), (early.Told, late.Told));
        waiters.Notify(7);
        Assert.Equal((6, 7), (early.Told, late.Told));
    }

    [Fact]
    public void Notify_lets_the_target_wait_again_from_its_call()
    {
        var waiters = new AckWaiters(durable: false);
        var second = new Target();
        waiters.Add(new Target { Then = () => waiters.Add(second, 2) }, 1);
        waiters.Notify(1);
        Assert.Equal(0, second.Told);
        waiters.Notify(2);
        Assert.Equal(2, second.Told);
    }

    /// <summary>
    /// The claim: two shards pass an LSN at the same moment and whoever waited for it is told, though nothing comes after it.
    /// A waiter that one of them holds in its hands while the other looks must not be missed.
    /// </summary>
    [Fact]
    public void Stress_the_last_waiter_is_told_whichever_shard_was_last()
    {
        const int rounds = 100_000;
        var waiters = new AckWaiters(durable: false);
        var shards = new long[2 * 16];
        var target = new Target();
        var goal = 0L;
        long Applied() => Math.Min(Volatile.Read(ref shards[0]), Volatile.Read(ref shards[16]));
        void Shard(int at)
        {
            for (var lsn = 1L; lsn <= rounds * 3; lsn++)
            {
                var spinner = default(SpinWait);
                while (Volatile.Read(ref goal) < lsn) spinner.SpinOnce(sleep1Threshold: -1);
                Interlocked.Exchange(ref shards[at], lsn);
                waiters.Notify(Applied());
            }
        }

        Thread[] threads = [new(() => Shard(0)), new(() => Shard(16))];
        foreach (var thread in threads)
        {
            thread.IsBackground = true;
            thread.Start();
        }

        for (var round = 1; round <= rounds; round++)
        {
            waiters.Add(target, round * 3);
            Volatile.Write(ref goal, round * 3);
            Assert.True(SpinWait.SpinUntil(() => target.Told == round * 3, TimeSpan.FromSeconds(5)), $"The waiter for {round * 3} was not told; applied {Applied()}.");
        }
    }

    private sealed class Target : IAckTarget
    {
        private long _told;

        public Action Then { get; init; } = () => { };

        public long Told => Volatile.Read(ref _told);

        public void OnDurable(long lsn) => Tell(lsn);

        public void OnApplied(long lsn) => Tell(lsn);

        private void Tell(long lsn)
        {
            Volatile.Write(ref _told, lsn);
            Then();
        }
    }
}
