using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Shards;

/// <summary>A generation of the hot store that takes no more samples, over all shards: the source of one flush to the lake. Owned by the flusher.</summary>
public sealed class SealedGeneration : ISampleSource
{
    private readonly HotGeneration[] _shards;
    private int _next;

    internal SealedGeneration(HotGeneration[] shards, long afterLsn, long endLsn)
    {
        _shards = shards;
        AfterLsn = afterLsn;
        EndLsn = endLsn;
        SampleCount = shards.Sum(generation => generation.SampleCount);
    }

    public long AfterLsn { get; }

    public long EndLsn { get; }

    public long SampleCount { get; }

    public bool TryNext(SeriesColumns columns)
    {
        var end = _shards.Max(generation => generation.SlotCount) * _shards.Length;
        for (; _next < end; _next++)
        {
            var generation = _shards[ShardMap.ShardOf(_next, _shards.Length)];
            var slot = ShardMap.SlotOf(_next, _shards.Length);
            if (generation.CountOf(slot) == 0) continue;
            columns.Clear();
            columns.Series = _next++;
            var isUnsorted = generation.Read(slot, long.MinValue, long.MaxValue, columns, out var baseTime);
            if (isUnsorted) ColumnSorter.Sort(columns, 0);
            columns.BaseTime = baseTime;
            return true;
        }

        return false;
    }

    public void Reset() => _next = 0;
}
