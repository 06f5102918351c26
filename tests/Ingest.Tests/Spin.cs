using System.Diagnostics;

namespace DataLayer.Ingest.Tests;

/// <summary>Waiting in stress tests: fast enough to come to the other thread's narrow moments again and again.</summary>
internal static class Spin
{
    /// <summary>False: <paramref name="condition"/> did not come true within <paramref name="patience"/>. Unlike SpinWait.SpinUntil it never sleeps a millisecond.</summary>
    public static bool Until(Func<bool> condition, TimeSpan patience)
    {
        var (spinner, start) = (default(SpinWait), Stopwatch.GetTimestamp());
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > patience) return false;
            spinner.SpinOnce(sleep1Threshold: -1);
        }

        return true;
    }

    /// <summary>A pause of any scale from nanoseconds to some 10 µs: the other thread's narrow moment lies somewhere in there.</summary>
    public static void Jitter(Random random) => Thread.SpinWait(random.Next(1 << random.Next(11)));
}
