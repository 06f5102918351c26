namespace DataLayer.Engines.Lake;

/// <summary>
/// The time by which retention judges age. It follows the wall clock, but a jump forward only when the clock has stood by it for an hour: a clock that is
/// ahead for a moment must not delete what nobody can bring back. A jump back is followed at once; it only keeps data for longer. Owned by: the maintenance worker.
/// </summary>
internal sealed class RetentionClock(TimeProvider time, bool trustsFirst = false)
{
    /// <summary>Long enough for time synchronization or a person to put a clock right; little beside what retention is about.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    // More than a clock that is being slewed gains between two looks.
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    private DateTimeOffset _trusted;
    private DateTimeOffset _doubted;
    private long _doubtedSince;
    private long _looked;
    private bool _hasLooked;

    /// <param name="newestMicros">The time of the newest stored sample: what the clock is measured by at the first look; long.MaxValue: nothing is stored, any time will do.</param>
    public DateTimeOffset Now(long newestMicros)
    {
        var (wall, tick) = (time.GetUtcNow(), time.GetTimestamp());
        var passed = _hasLooked ? time.GetElapsedTime(_looked, tick) : TimeSpan.Zero;
        _trusted = _hasLooked ? _trusted + passed : trustsFirst ? wall : FirstOf(wall, newestMicros);
        _doubted += _doubted == default ? TimeSpan.Zero : passed;
        (_looked, _hasLooked) = (tick, true);
        if (wall <= _trusted + Tolerance)
        {
            (_trusted, _doubted) = (wall, default);
            return _trusted;
        }

        // Another jump is another claim, to be stood by anew.
        if (_doubted == default || (wall - _doubted).Duration() > Tolerance) (_doubted, _doubtedSince) = (wall, tick);
        if (time.GetElapsedTime(_doubtedSince, tick) >= Patience) (_trusted, _doubted) = (wall, default);
        return _trusted;
    }

    private static DateTimeOffset FirstOf(DateTimeOffset wall, long newestMicros)
    {
        var newest = Math.Clamp(newestMicros, DateTimeOffset.MinValue.ToUnixTimeMilliseconds() * 1000, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() * 1000);
        var stored = DateTimeOffset.UnixEpoch.AddTicks(newest * TimeSpan.TicksPerMicrosecond);
        return wall < stored ? wall : stored;
    }
}
