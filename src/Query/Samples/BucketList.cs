using System.Runtime.InteropServices;
using DataLayer.Engines;
using DataLayer.Ingest.Records;

namespace DataLayer.Query.Samples;

/// <summary>The buckets of one series, ascending, made from samples and rollups in any order (fast when times ascend). Owned by one query.</summary>
internal sealed class BucketList(BucketGrid grid, bool withSketches = false)
{
    /// <summary>Reserved at once for a series' first bucket; a range may be mostly empty.</summary>
    private const int CapacityMax = 256;

    private readonly List<Bucket> _buckets = [];

    public ReadOnlySpan<Bucket> Buckets => CollectionsMarshal.AsSpan(_buckets);

    /// <summary>Adds samples with ascending times.</summary>
    public void Add(SeriesColumns samples, int from, int to)
    {
        var times = samples.Times.AsSpan(0, to);
        var values = samples.Values.AsSpan(0, to);
        while (from < to)
        {
            var start = grid.StartOf(times[from]);
            var end = grid.EndOf(start);
            ref var bucket = ref At(start);
            for (; from < to && times[from] < end; from++) bucket.Add(times[from], values[from]);
        }
    }

    public void Add(in RollupBucket rollup) => At(grid.StartOf(rollup.Start)).Add(rollup);

    private ref Bucket At(long start)
    {
        var span = CollectionsMarshal.AsSpan(_buckets);
        if (span.Length > 0 && span[^1].Start == start) return ref span[^1];
        var low = 0;
        if (span.Length > 0 && span[^1].Start < start) low = span.Length;
        else
        {
            for (var high = span.Length; low < high;)
            {
                var middle = (low + high) >>> 1;
                if (span[middle].Start < start) low = middle + 1;
                else high = middle;
            }

            if (low < span.Length && span[low].Start == start) return ref span[low];
        }

        if (_buckets.Count == 0) _buckets.EnsureCapacity((int)Math.Min(grid.Count, CapacityMax));
        _buckets.Insert(low, new Bucket(start, withSketches ? new QuantileSketch() : null));
        return ref CollectionsMarshal.AsSpan(_buckets)[low];
    }
}
