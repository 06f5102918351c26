using System.Runtime.InteropServices;
using DataLayer.Engines;
using DataLayer.Ingest.Records;

namespace DataLayer.Query.Samples;

/// <summary>The buckets of one series, ascending, made from samples and rollups in any order (fast when times ascend). Owned by one query.</summary>
internal sealed class BucketList(BucketGrid grid, bool withSketches = false)
{
    private readonly List<Bucket> _buckets = [];

    public ReadOnlySpan<Bucket> Buckets => CollectionsMarshal.AsSpan(_buckets);

    public void Add(SeriesColumns samples, int from, int to)
    {
        for (var i = from; i < to; i++) At(grid.StartOf(samples.Times[i])).Add(samples.Times[i], samples.Values[i]);
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

        _buckets.Insert(low, new Bucket(start, withSketches ? new QuantileSketch() : null));
        return ref CollectionsMarshal.AsSpan(_buckets)[low];
    }
}
