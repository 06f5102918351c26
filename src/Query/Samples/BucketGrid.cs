namespace DataLayer.Query.Samples;

/// <summary>Where buckets start and end within a query's range: at multiples of the step since the epoch, or one bucket for the whole range.</summary>
internal readonly record struct BucketGrid(long RangeStart, long RangeEnd, long? Step)
{
    /// <summary>The start of the bucket that <paramref name="time"/> falls into. It may lie before the range's start.</summary>
    public long StartOf(long time) => Step is { } step ? Floor(time, step) : RangeStart;

    /// <summary>Where the bucket ends that starts there. It may be after the range's end.</summary>
    public long EndOf(long start) => Step is { } step ? start + step : RangeEnd;

    /// <summary>The part of a bucket that lies in the range.</summary>
    public (long Start, long End) Extent(long start) =>
        Step is { } step ? (Math.Max(start, RangeStart), Math.Min(start + step, RangeEnd)) : (RangeStart, RangeEnd);

    /// <summary>Buckets in the range, at most.</summary>
    public long Count => Step is { } step ? Math.Max(0, ((RangeEnd - 1 - Floor(RangeStart, step)) / step) + 1) : 1;

    /// <summary>The greatest multiple of <paramref name="width"/> that is not after <paramref name="time"/>; times before 1970 too.</summary>
    public static long Floor(long time, long width)
    {
        var remainder = time % width;
        return remainder < 0 ? time - remainder - width : time - remainder;
    }
}
