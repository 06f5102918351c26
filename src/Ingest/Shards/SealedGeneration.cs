using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Shards;

/// <summary>A generation of the hot store that takes no more samples, over all shards: the source of one flush to the lake. Owned by the flusher.</summary>
public sealed class SealedGeneration : ISampleSource, IEventSource
{
    private readonly HotGeneration[] _shards;
    private readonly ReadOnlyMemory<int> _order;
    private readonly int _from;
    private readonly int _to;
    private int _next;

    /// <param name="order">All series that may be in it, in the order in which they are given out.</param>
    internal SealedGeneration(HotGeneration[] shards, ReadOnlyMemory<int> order, long afterLsn, long endLsn)
        : this(shards, order, afterLsn, endLsn, 0, order.Length)
    {
    }

    // The series from ≤ at < to of the order.
    private SealedGeneration(HotGeneration[] shards, ReadOnlyMemory<int> order, long afterLsn, long endLsn, int from, int to)
    {
        (_shards, _order, _from, _to, _next) = (shards, order, from, to, from);
        AfterLsn = afterLsn;
        EndLsn = endLsn;
        SampleCount = shards.Sum(generation => generation.SampleCount);
    }

    public long AfterLsn { get; }

    public long EndLsn { get; }

    public long SampleCount { get; }

    public IReadOnlyList<ReadOnlyMemory<byte>> EventSections
    {
        get
        {
            var sections = new List<ReadOnlyMemory<byte>>();
            _shards[0].Events.CopyTo(sections);
            return sections;
        }
    }

    public bool TryNext(SeriesColumns columns)
    {
        var order = _order.Span;
        while (_next < _to)
        {
            var series = order[_next++];
            if (CountOf(series) == 0) continue;
            var generation = _shards[ShardMap.ShardOf(series, _shards.Length)];
            var slot = ShardMap.SlotOf(series, _shards.Length);
            columns.Clear();
            columns.Series = series;
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
        for (var at = _from; at < _to && split.Count < parts - 1; at++)
        {
            seen += CountOf(_order.Span[at]);
            if (seen < SampleCount * (split.Count + 1) / parts) continue;
            split.Add(new SealedGeneration(_shards, _order, AfterLsn, EndLsn, from, at + 1));
            from = at + 1;
        }

        split.Add(new SealedGeneration(_shards, _order, AfterLsn, EndLsn, from, _to));
        return split;
    }

    private int CountOf(int series) => _shards[ShardMap.ShardOf(series, _shards.Length)].CountOf(ShardMap.SlotOf(series, _shards.Length));
}
