using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Shards;

/// <summary>A generation of the hot store that takes no more samples, over all shards: the source of one flush to the lake. Owned by the flusher.</summary>
public sealed class SealedGeneration : ISampleSource
{
    private readonly HotGeneration[] _shards;
    private readonly int _from;
    private readonly int _to;
    private int _next;

    internal SealedGeneration(HotGeneration[] shards, long afterLsn, long endLsn)
        : this(shards, afterLsn, endLsn, 0, shards.Max(generation => generation.SlotCount) * shards.Length)
    {
    }

    // The series from ≤ series < to.
    private SealedGeneration(HotGeneration[] shards, long afterLsn, long endLsn, int from, int to)
    {
        (_shards, _from, _to, _next) = (shards, from, to, from);
        AfterLsn = afterLsn;
        EndLsn = endLsn;
        SampleCount = shards.Sum(generation => generation.SampleCount);
    }

    public long AfterLsn { get; }

    public long EndLsn { get; }

    public long SampleCount { get; }

    public bool TryNext(SeriesColumns columns)
    {
        for (; _next < _to; _next++)
        {
            if (CountOf(_next) == 0) continue;
            var generation = _shards[ShardMap.ShardOf(_next, _shards.Length)];
            var slot = ShardMap.SlotOf(_next, _shards.Length);
            columns.Clear();
            columns.Series = _next++;
            var isUnsorted = generation.Read(slot, long.MinValue, long.MaxValue, columns, out var baseTime);
            if (isUnsorted) ColumnSorter.Sort(columns, 0);
            columns.BaseTime = baseTime;
            return true;
        }

        return false;
    }

    public void Reset() => _next = _from;

    /// <summary>Parts of about as many samples.</summary>
    public IReadOnlyList<ISampleSource> Split(int parts)
    {
        var split = new List<ISampleSource>(parts);
        var (from, seen) = (_from, 0L);
        for (var series = _from; series < _to && split.Count < parts - 1; series++)
        {
            seen += CountOf(series);
            if (seen < SampleCount * (split.Count + 1) / parts) continue;
            split.Add(new SealedGeneration(_shards, AfterLsn, EndLsn, from, series + 1));
            from = series + 1;
        }

        split.Add(new SealedGeneration(_shards, AfterLsn, EndLsn, from, _to));
        return split;
    }

    private int CountOf(int series) => _shards[ShardMap.ShardOf(series, _shards.Length)].CountOf(ShardMap.SlotOf(series, _shards.Length));
}
