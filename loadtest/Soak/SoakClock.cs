using System.Diagnostics;

namespace DataLayer.LoadTest.Soak;

/// <summary>
/// The times of a soak's samples go by faster than the clock: hours of them in the run, up to now, so that the lake's hours close, are merged and are deleted while it runs.
/// Never changed.
/// </summary>
internal sealed class SoakClock(LoadOptions options)
{
    /// <summary>What a run covers, however long it is.</summary>
    private static readonly TimeSpan Covered = TimeSpan.FromHours(8);

    private readonly long _startMicros = (DateTimeOffset.UtcNow - Covered).ToUnixTimeMilliseconds() * 1000;

    public long StartTicks { get; } = Stopwatch.GetTimestamp();

    public long EndTicks => StartTicks + (long)(options.Seconds * Stopwatch.Frequency);

    public long ChurnTicks => (long)(options.ChurnSeconds * Stopwatch.Frequency);

    public double Speed => Covered.TotalSeconds / options.Seconds;

    /// <summary>A series has a sample each so many microseconds of its time.</summary>
    public long StepMicros => Math.Max(1, (long)(options.Series / options.Rate * 1e6 * Speed));

    /// <summary>What time it is for samples.</summary>
    public long TimeMicros => _startMicros + (long)(ElapsedSeconds * Speed * 1e6);

    public double ElapsedSeconds => Stopwatch.GetElapsedTime(StartTicks).TotalSeconds;
}
