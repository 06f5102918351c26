using DataLayer.Engines;
using DataLayer.Ingest.Records;
using DataLayer.Ingest.Shards;

namespace DataLayer.Query.Samples;

/// <summary>
/// Fills buckets from rollups where the plan says so, from raw samples elsewhere, and from the hot samples everywhere. A rollup bucket in which a hot
/// sample may replace a stored one is not used: that bucket is made from raw samples, so the answer is the one that raw samples alone would give.
/// Where retention has removed the raw samples, the hot one is added to the rollup: nobody can tell any more what it replaces.
/// For one part of a query's series. Owned by one thread; others may read the same snapshots with readers of their own.
/// </summary>
internal sealed class BucketReader(BucketGrid grid, List<Segment> segments, HotSnapshot hot, IEngineSnapshot stored, RollupFields fields, SeriesGroups? groups)
{
    private readonly SeriesReader _reader = new(hot, stored);
    private readonly Dictionary<int, BucketList> _lists = [];

    /// <summary>The buckets by series, or by group where there are groups.</summary>
    public Dictionary<int, BucketList> Read(int[] part, CancellationToken cancellation)
    {
        foreach (var segment in segments)
        {
            if (segment.Resolution is { } resolution) Rollups(part, segment, resolution, cancellation);
            else Raw(part, segment.Start, segment.End, cancellation);
        }

        return _lists;
    }

    private void Raw(int[] part, long start, long end, CancellationToken cancellation)
    {
        foreach (var samples in _reader.Read(part, start, end, cancellation)) Add(samples);
    }

    private void Rollups(int[] part, Segment segment, Resolution resolution, CancellationToken cancellation)
    {
        var width = SamplesPlan.WidthOf(resolution);
        var unsure = new Dictionary<int, HashSet<long>>();
        foreach (var number in part)
        {
            cancellation.ThrowIfCancellationRequested();
            AddHot(number, segment, width, unsure);
        }

        foreach (var columns in stored.ReadRollups(resolution, part, segment.Start, segment.End, fields, cancellation))
        {
            var skip = unsure.GetValueOrDefault(columns.Series);
            var list = ListOf(columns.Series);
            foreach (var slice in columns.Slices) list.Add(slice, skip);
        }

        foreach (var (number, starts) in unsure)
        {
            foreach (var start in starts) Raw([number], start, start + width, cancellation);
        }
    }

    /// <summary>Adds the hot samples of one series, but those in buckets that a late one makes unsure; those starts go to <paramref name="unsure"/>.</summary>
    private void AddHot(int number, Segment segment, long width, Dictionary<int, HashSet<long>> unsure)
    {
        var samples = _reader.ReadHot(number, segment.Start, segment.End);
        if (samples.Count == 0) return;
        HashSet<long>? starts = null;
        for (var i = 0; i < samples.Count && samples.Times[i] <= samples.BaseTime; i++)
        {
            var start = BucketGrid.Floor(samples.Times[i], width);
            if (start >= stored.RawFromMicros) (starts ??= []).Add(start);
        }

        if (starts is null)
        {
            Add(samples);
            return;
        }

        unsure.Add(number, starts);
        var list = ListOf(number);
        for (var i = 0; i < samples.Count; i++)
        {
            if (!starts.Contains(BucketGrid.Floor(samples.Times[i], width))) list.Add(samples, i, i + 1);
        }
    }

    private void Add(SeriesColumns samples) => ListOf(samples.Series).Add(samples, 0, samples.Count);

    private BucketList ListOf(int number)
    {
        var key = groups is null ? number : groups.Of(number);
        if (_lists.TryGetValue(key, out var list)) return list;
        list = new BucketList(grid, fields.HasFlag(RollupFields.Sketch));
        _lists.Add(key, list);
        return list;
    }
}
