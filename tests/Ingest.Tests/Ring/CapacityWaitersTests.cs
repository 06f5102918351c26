using DataLayer.Ingest.Ring;
using Xunit;

namespace DataLayer.Ingest.Tests.Ring;

public sealed class CapacityWaitersTests
{
    [Fact]
    public void WaitAsync_capacity_is_there_completes_at_once() => Assert.True(new CapacityWaiters().WaitAsync(() => true).IsCompleted);

    [Fact]
    public async Task Wake_completes_all_who_wait_and_none_who_come_later()
    {
        var waiters = new CapacityWaiters();
        Task[] waiting = [waiters.WaitAsync(() => false), waiters.WaitAsync(() => false)];
        Assert.DoesNotContain(waiting, wait => wait.IsCompleted);
        waiters.Wake();
        await Task.WhenAll(waiting);
        Assert.False(waiters.WaitAsync(() => false).IsCompleted);
    }

    /// <summary>The claim: who finds the ring full just as the last consumer moves on is woken, or sees the space: nobody waits for a wake that has been.</summary>
    [Fact]
    public void Stress_a_waiter_never_misses_the_last_wake()
    {
        var waiters = new CapacityWaiters();
        Assert.Null(FirstStuck(50_000, TimeSpan.FromSeconds(20), waiters.WaitAsync, waiters.Wake));
    }

    /// <summary>The control: one who looks first and registers then must be caught by the same check.</summary>
    [Fact]
    public void Stress_control_that_registers_after_it_has_looked_is_caught()
    {
        var (gate, next, waiting) = (new Lock(), NewTask(), 0);
        Assert.NotNull(FirstStuck(3_000_000, TimeSpan.FromSeconds(1), WaitAsync, Wake));

        Task WaitAsync(Func<bool> hasCapacity)
        {
            if (hasCapacity()) return Task.CompletedTask;
            lock (gate)
            {
                Interlocked.Exchange(ref waiting, 1);
                return next.Task;
            }
        }

        void Wake()
        {
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref waiting) == 0) return;
            TaskCompletionSource woken;
            lock (gate) (woken, next, waiting) = (next, NewTask(), 0);
            woken.SetResult();
        }

        static TaskCompletionSource NewTask() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>In each round the space becomes free once, while another looks for it; the first round in which that one waits for ever, or null.</summary>
    private static int? FirstStuck(int rounds, TimeSpan patience, Func<Func<bool>, Task> waitAsync, Action wake)
    {
        var (round, freed, jitter) = (0L, 0L, new Random(7));
        var consumer = new Thread(() =>
        {
            for (var next = 1L; ; next++)
            {
                var spinner = default(SpinWait);
                while (Volatile.Read(ref round) < next) spinner.SpinOnce(sleep1Threshold: -1);
                if (Volatile.Read(ref round) == long.MaxValue) return;
                Spin.Jitter(jitter);
                Volatile.Write(ref freed, next);
                wake();
            }
        });
        consumer.Start();
        int? stuck = null;
        for (var number = 1; number <= rounds && stuck is null; number++)
        {
            Volatile.Write(ref round, number);
            if (!waitAsync(() => Volatile.Read(ref freed) == number).Wait(patience)) stuck = number;
            Spin.Until(() => Volatile.Read(ref freed) == number, patience);
        }

        Volatile.Write(ref round, long.MaxValue);
        consumer.Join();
        return stuck;
    }
}
