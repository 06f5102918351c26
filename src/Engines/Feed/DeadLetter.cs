namespace DataLayer.Engines.Feed;

/// <summary>A sample that an engine cannot hold, or refuses, and why.</summary>
/// <param name="TimeMicros">Unix microseconds.</param>
/// <param name="Lsn">The record it came with, or the last one of its batch.</param>
public readonly record struct DeadLetter(int Series, long TimeMicros, double Value, float Quality, long Lsn, string Reason)
{
    public const string UnholdableTime = "its time is outside of what the engine can hold";
}
