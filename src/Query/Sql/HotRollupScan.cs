using DataLayer.Engines;
using DataLayer.Ingest.Series;
using DataLayer.Query.Samples;

namespace DataLayer.Query.Sql;

/// <summary>Columns series, time, count, sum, min, max, first, last: the buckets of the view's hot ranges, hot and stored samples as one.</summary>
internal sealed class HotRollupScan(SqlView view, ISeriesCatalog catalog, Resolution resolution) : NativeScan
{
    // One call to the engine per part; the parts are small because the ranges of neighbours need not overlap.
    private const int PartSeries = 1024;

    private readonly IEnumerator<(int Series, Bucket Bucket)> _buckets = Read(view, catalog, resolution).GetEnumerator();

    public override int Fill(NativeChunk chunk)
    {
        var series = chunk.Column<int>(0);
        var times = chunk.Column<long>(1);
        var counts = chunk.Column<long>(2);
        var sums = chunk.Column<double>(3);
        var mins = chunk.Column<double>(4);
        var maxs = chunk.Column<double>(5);
        var firsts = chunk.Column<double>(6);
        var lasts = chunk.Column<double>(7);
        var rows = 0;
        while (rows < NativeChunk.Capacity && _buckets.MoveNext())
        {
            var (number, bucket) = _buckets.Current;
            if (!series.IsEmpty) series[rows] = number;
            if (!times.IsEmpty) times[rows] = bucket.Start;
            if (!counts.IsEmpty) counts[rows] = bucket.Count;
            if (!sums.IsEmpty) sums[rows] = bucket.Sum;
            if (!mins.IsEmpty) mins[rows] = bucket.Min;
            if (!maxs.IsEmpty) maxs[rows] = bucket.Max;
            if (!firsts.IsEmpty) firsts[rows] = bucket.First;
            if (!lasts.IsEmpty) lasts[rows] = bucket.Last;
            rows++;
        }

        return rows;
    }

    public override void Dispose()
    {
        _buckets.Dispose();
        base.Dispose();
    }

    private static IEnumerable<(int Series, Bucket Bucket)> Read(SqlView view, ISeriesCatalog catalog, Resolution resolution)
    {
        var width = SamplesPlan.WidthOf(resolution);
        foreach (var part in view.HotRanges(resolution).Values.OrderBy(range => SeriesOrder.Of(catalog, range.Series)).Chunk(PartSeries))
        {
            var ranges = part.ToDictionary(range => range.Series);
            var (start, end) = (part.Min(range => range.Start), part.Max(range => range.End));
            var grid = new BucketGrid(start, end, width);
            foreach (var numbers in new BucketLimits(grid, false, null, [.. part.Select(range => range.Series)]).Parts)
            {
                var reader = new BucketReader(grid, [new Segment(resolution, start, end)], view.Hot, view.Stored, RollupFields.All & ~RollupFields.Sketch, null);
                foreach (var (series, list) in reader.Read(numbers, view.Cancellation))
                {
                    var range = ranges[series];
                    for (var i = 0; i < list.Buckets.Length; i++)
                    {
                        var bucket = list.Buckets[i];
                        if (bucket.Count > 0 && bucket.Start >= range.Start && bucket.Start < range.End) yield return (series, bucket);
                    }
                }
            }
        }
    }
}
