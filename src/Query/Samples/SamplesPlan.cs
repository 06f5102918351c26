using DataLayer.Engines;

namespace DataLayer.Query.Samples;

/// <summary>
/// Which stored resolution answers which part of the range. Hours and minutes serve where each of their buckets lies in one bucket of the query;
/// the rest, at the edges of the range, is answered from raw samples.
/// </summary>
internal static class SamplesPlan
{
    public const long MinuteMicros = 60_000_000;
    public const long HourMicros = 3_600_000_000;

    public static long WidthOf(Resolution resolution) => resolution == Resolution.Hour ? HourMicros : MinuteMicros;

    /// <summary>Segments in order of time, without gaps or overlaps, from the grid's start to its end.</summary>
    /// <param name="rollupsTo">Rollups are not used from this time (Unix microseconds) on.</param>
    public static List<Segment> Make(BucketGrid grid, long rollupsTo = long.MaxValue)
    {
        var segments = new List<Segment>();
        Split(segments, grid.RangeStart, Math.Min(grid.RangeEnd, rollupsTo), grid.Step, Resolution.Hour);
        if (rollupsTo < grid.RangeEnd) segments.Add(new Segment(null, Math.Max(rollupsTo, grid.RangeStart), grid.RangeEnd));
        return segments;
    }

    private static void Split(List<Segment> segments, long start, long end, long? step, Resolution? resolution)
    {
        if (start >= end) return;
        if (resolution is not { } used)
        {
            segments.Add(new Segment(null, start, end));
            return;
        }

        Resolution? finer = used == Resolution.Hour ? Resolution.Minute : null;
        var width = WidthOf(used);
        var from = -BucketGrid.Floor(-start, width); // Rounded up.
        var to = BucketGrid.Floor(end, width);
        if ((step is { } size && size % width != 0) || from >= to)
        {
            Split(segments, start, end, step, finer);
            return;
        }

        Split(segments, start, from, step, finer);
        segments.Add(new Segment(used, from, to));
        Split(segments, to, end, step, finer);
    }
}
