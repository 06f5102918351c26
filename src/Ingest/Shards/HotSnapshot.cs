using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Shards;

/// <summary>
/// What the hot store holds, pinned until disposed. Reading does not stop the shards: samples that arrive meanwhile may or may not be seen.
/// One query owns it; once <see cref="DropUpTo"/> has been called its threads may read at the same time, each into columns of its own, until it is disposed.
/// </summary>
public sealed class HotSnapshot : IDisposable
{
    private readonly List<HotGeneration>[] _shards;

    internal HotSnapshot(Shard[] shards)
    {
        _shards = new List<HotGeneration>[shards.Length];
        for (var i = 0; i < shards.Length; i++) shards[i].Acquire(_shards[i] = []);
    }

    /// <summary>Whether any sample may replace one that the lake holds (it came late or twice). False is certain.</summary>
    public bool MayReplaceStored => _shards.Any(generations => generations.Exists(generation => generation.MayReplaceStored));

    /// <summary>Samples in the snapshot, duplicates included.</summary>
    public long SampleCount => _shards.Sum(generations => generations.Sum(generation => generation.SampleCount));

    /// <summary>Series numbers below this may have samples here.</summary>
    public int SeriesEnd => _shards.Max(generations => generations.Count == 0 ? 0 : generations.Max(generation => generation.SlotCount)) * _shards.Length;

    /// <summary>Sections of events, oldest first, each to be walked with <see cref="RecordEvents"/>; valid until the snapshot is disposed.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> EventSections()
    {
        var sections = new List<ReadOnlyMemory<byte>>();
        foreach (var generation in _shards[0]) generation.Events.CopyTo(sections);
        return sections;
    }

    /// <summary>Events in the snapshot, those that came twice counted twice.</summary>
    public long EventCount => _shards[0].Sum(generation => generation.Events.Count);

    /// <summary>Leaves out the generations that an engine at <paramref name="lsn"/> already holds.</summary>
    public void DropUpTo(long lsn)
    {
        foreach (var generations in _shards)
        {
            for (var i = generations.Count - 1; i >= 0; i--)
            {
                if (generations[i].EndLsn > lsn) continue;
                generations[i].Release();
                generations.RemoveAt(i);
            }
        }
    }

    /// <summary>
    /// Appends the samples of <paramref name="series"/> with start ≤ time &lt; end (Unix microseconds) to <paramref name="columns"/>, times ascending,
    /// one per time (the later arrival wins), and sets its <c>BaseTime</c>: samples at or before it may replace one in the lake.
    /// </summary>
    public void Read(int series, long startMicros, long endMicros, SeriesColumns columns)
    {
        var slot = ShardMap.SlotOf(series, _shards.Length);
        var first = columns.Count;
        var (needsSort, isFirst, last) = (false, true, long.MinValue);
        foreach (var generation in _shards[ShardMap.ShardOf(series, _shards.Length)])
        {
            var before = columns.Count;
            var isUnsorted = generation.Read(slot, startMicros, endMicros, columns, out var baseTime);
            if (columns.Count == before) continue;
            if (isFirst) columns.BaseTime = baseTime;
            needsSort |= isUnsorted || columns.Times[before] <= last;
            last = columns.Times[columns.Count - 1];
            isFirst = false;
        }

        columns.Series = series;
        if (needsSort) ColumnSorter.Sort(columns, first);
    }

    /// <summary>
    /// The sample of this series with the greatest time that is in the snapshot; false when there is none (the lake may have one).
    /// Thread: the owner. Allocates: no, unless the series came out of order.
    /// </summary>
    public bool TryLatest(int series, out long timeMicros, out double value)
    {
        var slot = ShardMap.SlotOf(series, _shards.Length);
        var found = false;
        (timeMicros, value) = (long.MinValue, 0);
        foreach (var generation in _shards[ShardMap.ShardOf(series, _shards.Length)])
        {
            if (!generation.TryLast(slot, out var last, out var isUnsorted))
            {
                if (isUnsorted) return TryLatestSlow(series, out timeMicros, out value);
                continue;
            }

            if (last.Time < timeMicros) continue;
            (timeMicros, value, found) = (last.Time, last.Value, true);
        }

        return found;
    }

    public void Dispose()
    {
        foreach (var generations in _shards)
        {
            foreach (var generation in generations) generation.Release();
            generations.Clear();
        }
    }

    private bool TryLatestSlow(int series, out long timeMicros, out double value)
    {
        var columns = new SeriesColumns();
        Read(series, long.MinValue, long.MaxValue, columns);
        var last = columns.Count - 1;
        (timeMicros, value) = last < 0 ? (long.MinValue, 0) : (columns.Times[last], columns.Values[last]);
        return last >= 0;
    }
}
