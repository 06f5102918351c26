using System.Runtime.InteropServices;
using DataLayer.Engines;
using DataLayer.Ingest.Records;

namespace DataLayer.Query.Samples;

/// <summary>The buckets of one series, ascending, made from samples and rollups in any order (fast when times ascend). Owned by one thread at a time.</summary>
internal sealed class BucketList(BucketGrid grid, bool withSketches = false)
{
    /// <summary>Reserved at once for a series' first bucket; a range may be mostly empty.</summary>
    private const int CapacityMax = 256;

    private readonly List<Bucket> _buckets = [];

    // The bucket found last: the next one asked for is mostly that or its neighbour.
    private int _last;

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

    /// <summary>Adds rows of rollups, but those whose start is in <paramref name="skip"/>.</summary>
    public void Add(in RollupSlice slice, HashSet<long>? skip)
    {
        var rows = slice.Rows;
        var starts = rows.Starts;
        for (var row = slice.From; row < slice.To;)
        {
            var start = grid.StartOf(starts[row]);
            var end = grid.EndOf(start);
            ref var bucket = ref At(start);
            for (; row < slice.To && starts[row] < end; row++)
            {
                if (skip is null || !skip.Contains(starts[row])) bucket.Add(rows, row);
            }
        }
    }

    /// <summary>Adds the buckets of another list over the same grid, without sketches.</summary>
    public void Add(BucketList other)
    {
        foreach (ref readonly var bucket in other.Buckets) At(bucket.Start).Add(bucket);
    }

    private ref Bucket At(long start)
    {
        var span = CollectionsMarshal.AsSpan(_buckets);
        var next = _last + 1;
        if (next < span.Length && span[next].Start == start) return ref span[_last = next];
        if (_last < span.Length && span[_last].Start == start) return ref span[_last];
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

            if (low < span.Length && span[low].Start == start) return ref span[_last = low];
        }

        if (_buckets.Count == 0) _buckets.EnsureCapacity((int)Math.Min(grid.Count, CapacityMax));
        _last = low;
        _buckets.Insert(low, new Bucket(start, withSketches ? new QuantileSketch() : null));
        return ref CollectionsMarshal.AsSpan(_buckets)[low];
    }
}
