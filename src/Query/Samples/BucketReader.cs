using DataLayer.Engines;
using DataLayer.Ingest.Records;
using DataLayer.Ingest.Shards;

namespace DataLayer.Query.Samples;

/// <summary>
/// Fills buckets from rollups where the plan says so, from raw samples elsewhere, and from the hot samples everywhere. A rollup bucket in which a hot
/// sample may replace a stored one is not used: that bucket is made from raw samples, so the answer is the one that raw samples alone would give.
/// Where retention has removed the raw samples, the hot one is added to the rollup: nobody can tell any more what it replaces. Owned by one query.
/// </summary>
internal sealed class BucketReader(BucketGrid grid, List<Segment> segments, HotSnapshot hot, IEngineSnapshot stored, RollupFields fields, SeriesGroups? groups = null)
{
    // 2 M buckets of 80 bytes: 160 MB at most for one query, whatever the number of series.
    private const long BucketsAtOnceMax = 2_000_000;

    // A sketch has some hundred bins, 24 KiB at most each.
    private const long SketchesAtOnceMax = 20_000;

    private readonly bool _withSketches = fields.HasFlag(RollupFields.Sketch);
    private readonly SeriesMerge _merge = new();
    private readonly SeriesColumns _hotColumns = new();

    /// <summary>The series, or the groups of them, that have samples in the range, in order.</summary>
    public IEnumerable<(int Number, BucketList Buckets)> Read(int[] series, CancellationToken cancellation)
    {
        var bucketsMax = _withSketches ? SketchesAtOnceMax : BucketsAtOnceMax;
        if (groups is not null && groups.Count > bucketsMax / Math.Max(1, grid.Count)) throw TooMuch();
        var partMax = (int)Math.Clamp(bucketsMax / Math.Max(1, grid.Count), 1, 4096);
        var lists = new Dictionary<int, BucketList>();
        foreach (var part in SeriesParts.Of(series, groups is null ? partMax : 4096))
        {
            foreach (var segment in segments)
            {
                if (segment.Resolution is { } resolution) Rollups(part, segment, resolution, lists, cancellation);
                else Raw(part, segment.Start, segment.End, lists, cancellation);
            }

            if (groups is not null) continue;
            foreach (var number in part)
            {
                if (lists.TryGetValue(number, out var list) && HasSamples(list)) yield return (number, list);
            }

            lists.Clear();
        }

        for (var group = 0; group < groups?.Count; group++)
        {
            if (lists.TryGetValue(group, out var list) && HasSamples(list)) yield return (group, list);
        }
    }

    private QueryException TooMuch() => new(
        QueryErrorKind.TooMuch, $"by: {groups!.Count} groups of {grid.Count} buckets are more than {BucketsAtOnceMax} at once; ask for fewer labels, a shorter range or a greater step");

    private static bool HasSamples(BucketList list)
    {
        foreach (ref readonly var bucket in list.Buckets)
        {
            if (bucket.Count > 0) return true;
        }

        return false;
    }

    private void Raw(int[] part, long start, long end, Dictionary<int, BucketList> lists, CancellationToken cancellation)
    {
        var next = 0;
        foreach (var columns in stored.ReadSamples(part, start, end, cancellation))
        {
            while (part[next] != columns.Series) Add(part[next], ReadHot(part[next++], start, end), lists);
            Add(columns.Series, _merge.Merge(columns, ReadHot(part[next++], start, end)), lists);
        }

        while (next < part.Length) Add(part[next], ReadHot(part[next++], start, end), lists);
    }

    private void Rollups(int[] part, Segment segment, Resolution resolution, Dictionary<int, BucketList> lists, CancellationToken cancellation)
    {
        var width = SamplesPlan.WidthOf(resolution);
        var unsure = new Dictionary<int, HashSet<long>>();
        foreach (var number in part) AddHot(number, segment, width, lists, unsure);
        foreach (var columns in stored.ReadRollups(resolution, part, segment.Start, segment.End, fields, cancellation))
        {
            var skip = unsure.GetValueOrDefault(columns.Series);
            var list = ListOf(columns.Series, lists);
            foreach (var slice in columns.Slices) list.Add(slice, skip);
        }

        foreach (var (number, starts) in unsure)
        {
            foreach (var start in starts) Raw([number], start, start + width, lists, cancellation);
        }
    }

    /// <summary>Adds the hot samples of one series, but those in buckets that a late one makes unsure; those starts go to <paramref name="unsure"/>.</summary>
    private void AddHot(int number, Segment segment, long width, Dictionary<int, BucketList> lists, Dictionary<int, HashSet<long>> unsure)
    {
        var samples = ReadHot(number, segment.Start, segment.End);
        if (samples.Count == 0) return;
        HashSet<long>? starts = null;
        for (var i = 0; i < samples.Count && samples.Times[i] <= samples.BaseTime; i++)
        {
            var start = BucketGrid.Floor(samples.Times[i], width);
            if (start >= stored.RawFromMicros) (starts ??= []).Add(start);
        }

        if (starts is null)
        {
            Add(number, samples, lists);
            return;
        }

        unsure.Add(number, starts);
        var list = ListOf(number, lists);
        for (var i = 0; i < samples.Count; i++)
        {
            if (!starts.Contains(BucketGrid.Floor(samples.Times[i], width))) list.Add(samples, i, i + 1);
        }
    }

    private SeriesColumns ReadHot(int series, long start, long end)
    {
        _hotColumns.Clear();
        _hotColumns.Series = series;
        hot.Read(series, start, end, _hotColumns);
        return _hotColumns;
    }

    private void Add(int number, SeriesColumns samples, Dictionary<int, BucketList> lists)
    {
        if (samples.Count > 0) ListOf(number, lists).Add(samples, 0, samples.Count);
    }

    private BucketList ListOf(int number, Dictionary<int, BucketList> lists)
    {
        var key = groups is null ? number : groups.Of(number);
        if (lists.TryGetValue(key, out var list)) return list;
        list = new BucketList(grid, _withSketches);
        lists.Add(key, list);
        return list;
    }
}
