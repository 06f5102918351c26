using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Shards;

/// <summary>
/// The series of one core: their running aggregates and the generations of the hot store. <see cref="Apply"/> is called by one thread,
/// the shard's own; the rest by any.
/// </summary>
/// <param name="storedTimes">By series number, up to which time (Unix microseconds) the lake may hold its samples; shorter: the others have none there.</param>
internal sealed class Shard(int number, int shardCount, SlabPool pool, long[] storedTimes)
{
    private readonly Lock _lock = new();

    // Guarded by: _lock (the list; the generations guard themselves). The last one is active.
    private readonly List<HotGeneration> _generations = [new HotGeneration(number, pool, 16)];

    // Owned by: the shard's thread; readers take the array through Volatile.Read.
    private SeriesAggregate[] _aggregates = [];
    private HotGeneration? _active;

    public int Number { get; } = number;

    private HotGeneration Active => _active ??= _generations[^1];

    /// <summary>Applies the shard's part of a record. Thread: the shard's. Allocates: no (amortized). Blocks: no. Fails: never.</summary>
    public void Apply(Record record)
    {
        if (record.SealsBefore) SealActive(record.Lsn - 1);
        var sections = new RecordSections(record.Bytes);
        var schema = 0;
        var samples = 0L;
        while (sections.MoveNext())
        {
            if (sections.Kind == SectionKind.Events)
            {
                // One list of all events: they have no series, and the first shard's thread is as good as any.
                if (Number == 0) Active.AppendEvents(sections.Events, sections.Count);
                continue;
            }

            samples += sections.Kind == SectionKind.Rows
                ? ApplyRows(record.Schemas[schema++].Splits[Number], sections.Rows, sections.Columns + 1)
                : ApplySamples(in sections);
        }

        if (samples > 0) Active.AddToCount(samples);
    }

    /// <summary>Adds the generations that hold something to a snapshot, each with a reference.</summary>
    public void Acquire(List<HotGeneration> generations)
    {
        lock (_lock)
        {
            foreach (var generation in _generations)
            {
                generation.AddReference();
                generations.Add(generation);
            }
        }
    }

    /// <summary>The generation that ends at <paramref name="lsn"/>. Owned by the list until it is dropped.</summary>
    public HotGeneration Sealed(long lsn)
    {
        lock (_lock) return _generations.Find(generation => generation.EndLsn == lsn) ?? throw new InvalidOperationException($"Shard {Number} has no generation that ends at LSN {lsn}.");
    }

    /// <summary>Takes out the generations that end at or before <paramref name="lsn"/>.</summary>
    public void Drop(long lsn)
    {
        lock (_lock)
        {
            for (var i = _generations.Count - 2; i >= 0; i--)
            {
                if (_generations[i].EndLsn > lsn) continue;
                _generations[i].Release();
                _generations.RemoveAt(i);
            }
        }
    }

    /// <summary>Samples and bytes of all generations.</summary>
    public (long Samples, long ActiveSamples, long TableBytes) Measure()
    {
        lock (_lock) return (_generations.Sum(generation => generation.SampleCount), _generations[^1].SampleCount, (long)_aggregates.Length * 64);
    }

    /// <summary>Events of all generations, of the active one, and the bytes of the active one's.</summary>
    public (long Events, long ActiveEvents, long ActiveEventBytes) MeasureEvents()
    {
        lock (_lock) return (_generations.Sum(generation => generation.Events.Count), _generations[^1].Events.Count, _generations[^1].Events.Bytes);
    }

    /// <summary>The running aggregates of a slot; false when it has had no sample since the daemon started.</summary>
    public bool TryGetAggregate(int slot, out RunningAggregate aggregate)
    {
        var table = Volatile.Read(ref _aggregates);
        aggregate = default;
        if (slot >= table.Length) return false;
        ref var entry = ref table[slot];
        var spinner = default(SpinWait);
        while (true)
        {
            var before = Volatile.Read(ref entry.Version);
            aggregate = new RunningAggregate(entry.Count, entry.Sum, entry.Min, entry.Max, entry.LastTime, entry.LastValue);
            Interlocked.MemoryBarrier(); // The fields are read before the version is read again: see AggregateRun.Publish.
            if ((before & 1) == 0 && before == Volatile.Read(ref entry.Version)) return aggregate.Count > 0;
            spinner.SpinOnce();
        }
    }

    private long ApplyRows(ShardSplit split, ReadOnlySpan<double> rows, int stride)
    {
        var applied = 0L;
        var active = Active;
        var (columns, slots) = split;
        for (var i = 0; i < slots.Length; i++)
        {
            var slot = slots[i];
            if (slot >= _aggregates.Length) EnsureAggregates(slot);
            applied += active.AppendColumn(slot, rows, columns[i] + 1, stride, ref _aggregates[slot]);
        }

        return applied;
    }

    private long ApplySamples(in RecordSections sections)
    {
        var times = sections.Times;
        var values = sections.Values;
        var series = sections.Series;
        var qualities = sections.Qualities;
        var active = Active;
        var applied = 0L;
        for (var i = 0; i < series.Length; i++)
        {
            if (ShardMap.ShardOf(series[i], shardCount) != Number) continue;
            var slot = ShardMap.SlotOf(series[i], shardCount);
            if (slot >= _aggregates.Length) EnsureAggregates(slot);
            ref var aggregate = ref _aggregates[slot];
            active.Append(slot, times[i], values[i], aggregate.MaxTime);
            if (qualities.Length > 0 && qualities[i] != 1f) active.SetQuality(slot, times[i], qualities[i]);
            Update(ref aggregate, times[i], values[i]);
            applied++;
        }

        return applied;
    }

    private static void Update(ref SeriesAggregate aggregate, long time, double value)
    {
        var run = new AggregateRun(in aggregate);
        run.Add(time, value);
        run.Publish(ref aggregate);
    }

    private void SealActive(long endLsn)
    {
        var sealing = Active;
        var next = new HotGeneration(Number, pool, sealing.SlotCount);
        lock (_lock)
        {
            sealing.Seal(endLsn);
            _generations.Add(next);
        }

        _active = next;
    }

    private void EnsureAggregates(int slot)
    {
        if (slot < _aggregates.Length) return;
        var grown = new SeriesAggregate[Math.Max(slot + 1, Math.Max(16, _aggregates.Length * 2))];
        _aggregates.CopyTo(grown, 0);
        foreach (ref var fresh in grown.AsSpan(_aggregates.Length)) (fresh.MaxTime, fresh.Min, fresh.Max) = (long.MinValue, double.PositiveInfinity, double.NegativeInfinity);
        for (var i = _aggregates.Length; i < grown.Length && ShardMap.SeriesOf(Number, i, shardCount) < storedTimes.Length; i++) grown[i].MaxTime = storedTimes[ShardMap.SeriesOf(Number, i, shardCount)];
        Volatile.Write(ref _aggregates, grown);
    }
}
