namespace DataLayer.Client.Http;

/// <summary>One sample, or one bucket of an aggregation; its time is that of the bucket's start.</summary>
public readonly record struct SamplePoint(long TimeUnixMicros, double Value)
{
    public DateTimeOffset Time => DateTimeOffset.UnixEpoch.AddTicks(TimeUnixMicros * TimeSpan.TicksPerMicrosecond);
}
