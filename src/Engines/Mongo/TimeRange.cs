namespace DataLayer.Engines.Mongo;

/// <summary>The least and the greatest time of some samples, Unix microseconds, both included; empty where From is after To.</summary>
internal readonly record struct TimeRange(long From, long To)
{
    public static TimeRange Empty => new(long.MaxValue, long.MinValue);

    public TimeRange With(long time) => new(Math.Min(From, time), Math.Max(To, time));

    public bool Overlaps(long fromMicros, long endMicros) => From < endMicros && fromMicros <= To;
}
