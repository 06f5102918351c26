using System.Collections.Concurrent;
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
        var waiters = new AckWaiters(durable: false);
        Assert.Null(FirstMissed(100_000, TimeSpan.FromSeconds(20), waiters.Add, waiters.Notify));
    }

    /// <summary>The control: a queue whose waiters are taken out to be looked at, and put back, must be caught by the same check.</summary>
    [Fact]
    public void Stress_control_that_takes_waiters_out_to_look_is_caught()
    {
        var waiting = new ConcurrentQueue<(IAckTarget Target, long Lsn)>();
        Assert.NotNull(FirstMissed(3_000_000, TimeSpan.FromSeconds(1), (target, lsn) => waiting.Enqueue((target, lsn)), Notify));

        void Notify(long reached)
        {
            for (var count = waiting.Count; count > 0 && waiting.TryDequeue(out var waiter); count--)
            {
                if (waiter.Lsn > reached) waiting.Enqueue(waiter);
                else waiter.Target.OnApplied(reached);
            }
        }
    }

    /// <summary>Two shards go through three LSNs in each round, then pause; the first round whose waiter for the last of them was not told, or null.</summary>
    private static int? FirstMissed(int rounds, TimeSpan patience, Action<IAckTarget, long> add, Action<long> notify)
    {
        var applied = new long[2 * 16];
        var target = new Target();
        var goal = 0L;
        Thread[] threads = [new(() => Shard(0)), new(() => Shard(16))];
        foreach (var thread in threads) thread.Start();
        int? missed = null;
        for (var round = 1; round <= rounds && missed is null; round++)
        {
            add(target, round * 3L);
            Volatile.Write(ref goal, round * 3L);
            if (!Spin.Until(() => target.Told == round * 3L, patience)) missed = round;
        }

        Volatile.Write(ref goal, long.MaxValue);
        foreach (var thread in threads) thread.Join();
        return missed;

        void Shard(int at)
        {
            for (var lsn = 1L; ; lsn++)
            {
                var spinner = default(SpinWait);
                while (Volatile.Read(ref goal) < lsn) spinner.SpinOnce(sleep1Threshold: -1);
                if (Volatile.Read(ref goal) == long.MaxValue) return;
                Interlocked.Exchange(ref applied[at], lsn);
                notify(Math.Min(Volatile.Read(ref applied[0]), Volatile.Read(ref applied[16])));
            }
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
