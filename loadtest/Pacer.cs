using System.Diagnostics;
using System.Runtime.InteropServices;

namespace DataLayer.LoadTest;

/// <summary>
/// When each batch is due: an open loop, whose schedule does not wait for the daemon. What is late is sent at once, and its latency counts from when it was due.
/// </summary>
internal sealed class Pacer
{
    /// <summary>Below this it waits in a loop: the kernel's timer is some 60 µs late.</summary>
    private const long SpinMicros = 80;

    private readonly long _start;
    private readonly double _ticksPerBatch;

    /// <param name="batchesPerSecond">0: each batch is due at once.</param>
    /// <param name="offset">A part of the interval, 0 … 1, so that connections take turns.</param>
    public Pacer(long startTicks, double batchesPerSecond, double offset)
    {
        _ticksPerBatch = batchesPerSecond > 0 ? Stopwatch.Frequency / batchesPerSecond : 0;
        _start = startTicks + (long)(_ticksPerBatch * offset);
    }

    /// <summary>Waits until batch <paramref name="index"/> (0, 1, 2 …) is due; returns when that is or was, in ticks.</summary>
    public long WaitFor(long index)
    {
        if (_ticksPerBatch == 0) return Stopwatch.GetTimestamp();
        var due = DueTicks(index);
        while (true)
        {
            var micros = (due - Stopwatch.GetTimestamp()) * 1_000_000 / Stopwatch.Frequency;
            if (micros <= 0) return due;
            if (micros > SpinMicros) _ = usleep((uint)Math.Min(micros - SpinMicros, 500_000));
            else Thread.SpinWait(20);
        }
    }

    public long DueTicks(long index) => _start + (long)(_ticksPerBatch * index);

    [DllImport("libc")]
    internal static extern int usleep(uint micros);
}
