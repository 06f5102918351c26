using System.Runtime.CompilerServices;
using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Shards;

/// <summary>
/// The samples of one shard between two seals: per series a list of chunks in slabs that only grows. The shard's thread appends;
/// any thread reads what has been published, holding a reference so that the slabs are not reused under it.
/// A chunk is a header (next chunk, capacity) in the place of one sample, then its samples; chunks double from 16 to 256 places.
/// </summary>
internal sealed class HotGeneration(int shard, SlabPool pool, int slots)
{
    private const int ChunkMin = 16;
    private const int ChunkMax = 256;

    // Owned by: the shard's thread; readers see arrays through Volatile.Read.
    private HotSeries[] _series = pool.RentTable(slots);
    private Sample[][] _slabs = [];
    private int _used;

    // Guarded by: itself. Samples whose quality is not 1, by slot and time.
    private readonly Dictionary<(int Slot, long Time), float> _qualities = [];
    private int _qualityCount;

    private long _sampleCount;
    private int _references = 1;
    private bool _mayReplaceStored;

    public int Shard { get; } = shard;

    /// <summary>The events; of the first shard's generation alone.</summary>
    public HotEvents Events { get; } = new(pool);

    /// <summary>Samples appended, duplicates included.</summary>
    public long SampleCount => Volatile.Read(ref _sampleCount);

    /// <summary>Bytes of slabs and tables.</summary>
    public long Bytes => ((long)_slabs.Length * SlabPool.SlabBytes) + ((long)_series.Length * Unsafe.SizeOf<HotSeries>());

    /// <summary>Whether some sample is not after all of its series in earlier generations.</summary>
    public bool MayReplaceStored => Volatile.Read(ref _mayReplaceStored);

    /// <summary>Records up to this LSN are in this generation or an earlier one; long.MaxValue while it is active.</summary>
    public long EndLsn { get; private set; } = long.MaxValue;

    /// <summary>Slots that may hold samples.</summary>
    public int SlotCount => Volatile.Read(ref _series).Length;

    /// <summary>Appends one sample. <paramref name="baseTime"/>: the greatest time of the series before this generation. Thread: the shard's. Allocates: no (amortized).</summary>
    public void Append(int slot, long time, double value, long baseTime)
    {
        if (slot >= _series.Length) GrowSeries(slot);
        ref var series = ref _series[slot];
        if (series.Count == 0) Begin(ref series, baseTime);
        if (time <= series.LastTime) OutOfOrderSlow(ref series, slot, time);
        else series.LastTime = time;
        if (series.Position == series.End) AddChunkSlow(ref series);
        _slabs[series.Position >> SlabPool.SlabBits][series.Position & (SlabPool.SlabSamples - 1)] = new Sample(time, value);
        Volatile.Write(ref series.Last, series.Position++); // Pairs with Volatile.Read in TryLast.
        Volatile.Write(ref series.Count, series.Count + 1); // Pairs with Volatile.Read in Read: the sample is there when the count is.
    }

    /// <summary>
    /// Appends one series' column of a run of rows and brings its running aggregate up to date. A row is <paramref name="stride"/> words: its time
    /// (as Int64 bits), then the values; the column's value is word <paramref name="at"/>. Returns the samples appended ("no sample" left out).
    /// Per run: one publication for readers. Thread: the shard's. Allocates: no (amortized). Blocks: no. Fails: never.
    /// </summary>
    public int AppendColumn(int slot, ReadOnlySpan<double> rows, int at, int stride, ref SeriesAggregate aggregate)
    {
        if (slot >= _series.Length) GrowSeries(slot);
        ref var series = ref _series[slot];
        if (series.Count == 0) Begin(ref series, aggregate.MaxTime);
        var run = new AggregateRun(in aggregate);
        var (lastTime, position, appended) = (series.LastTime, series.Position, 0);
        for (var row = 0; row + at < rows.Length; row += stride)
        {
            var value = rows[row + at];
            if (BitConverter.DoubleToInt64Bits(value) == RecordLayout.NoSampleBits) continue;
            var time = BitConverter.DoubleToInt64Bits(rows[row]);
            if (time > lastTime) lastTime = time;
            else OutOfOrderSlow(ref series, slot, time);
            if (position == series.End)
            {
                AddChunkSlow(ref series);
                position = series.Position;
            }

            _slabs[position >> SlabPool.SlabBits][position & (SlabPool.SlabSamples - 1)] = new Sample(time, value);
            position++;
            appended++;
            run.Add(time, value);
        }

        if (appended == 0) return 0;
        (series.LastTime, series.Position) = (lastTime, position);
        Volatile.Write(ref series.Last, position - 1); // Pairs with Volatile.Read in TryLast.
        Volatile.Write(ref series.Count, series.Count + appended); // Pairs with Volatile.Read in Read: the samples are there when the count is.
        run.Publish(ref aggregate);
        return appended;
    }

    /// <summary>Keeps a section of events, as it is in the record. Thread: the shard's. Allocates: yes, per section. Blocks: no.</summary>
    public void AppendEvents(ReadOnlySpan<byte> section, int count) => Events.Append(section, count);

    public void SetQuality(int slot, long time, float quality)
    {
        lock (_qualities)
        {
            _qualities[(slot, time)] = quality;
            _qualityCount = _qualities.Count;
        }
    }

    public void AddToCount(long samples) => Volatile.Write(ref _sampleCount, _sampleCount + samples);

    /// <summary>Ends the generation. Thread: the shard's.</summary>
    public void Seal(long endLsn) => EndLsn = endLsn;

    public void AddReference() => Interlocked.Increment(ref _references);

    /// <summary>Gives the slabs back when the last reference goes.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _references) != 0) return;
        foreach (var slab in _slabs) pool.Return(slab);
        pool.ReturnTable(_series);
        _slabs = [];
        _series = [];
        Events.Release();
        pool.Freed?.Invoke();
    }

    /// <summary>Samples of a slot published so far.</summary>
    public int CountOf(int slot)
    {
        var series = Volatile.Read(ref _series);
        return slot < series.Length ? Volatile.Read(ref series[slot].Count) : 0;
    }

    /// <summary>
    /// Appends the samples of a slot with start ≤ time &lt; end to <paramref name="columns"/>, in order of arrival.
    /// Returns whether they may be out of order or hold duplicates. Thread: any that holds a reference.
    /// </summary>
    public bool Read(int slot, long start, long end, SeriesColumns columns, out long baseTime)
    {
        var table = Volatile.Read(ref _series);
        baseTime = long.MinValue;
        if (slot >= table.Length) return false;
        ref var series = ref table[slot];
        var count = Volatile.Read(ref series.Count); // Pairs with Volatile.Write in Append.
        if (count == 0) return false;
        baseTime = series.BaseTime;
        var isUnsorted = Volatile.Read(ref series.IsUnsorted); // After the count: what it counts has been judged.
        var slabs = Volatile.Read(ref _slabs);
        var first = columns.Count;
        for (var chunk = series.Head; count > 0;)
        {
            var slab = slabs[chunk >> SlabPool.SlabBits];
            var header = slab[chunk & (SlabPool.SlabSamples - 1)];
            var take = Math.Min(count, (int)header.Time - 1);
            var samples = slab.AsSpan((chunk & (SlabPool.SlabSamples - 1)) + 1, take);
            if (isUnsorted || Overlaps(samples, start, end)) Copy(samples, start, end, columns);
            count -= take;
            chunk = (int)(header.Time >> 32);
        }

        if (Volatile.Read(ref _qualityCount) > 0) ReadQualities(slot, first, columns);
        return isUnsorted;
    }

    /// <summary>The latest sample of a slot; false where there is none, or where they are not in order and must be read.</summary>
    public bool TryLast(int slot, out Sample last, out bool isUnsorted)
    {
        var table = Volatile.Read(ref _series);
        (last, isUnsorted) = (default, false);
        if (slot >= table.Length) return false;
        ref var series = ref table[slot];
        var count = Volatile.Read(ref series.Count);
        if (count == 0) return false;
        var at = Volatile.Read(ref series.Last); // Pairs with Volatile.Write in Append.
        isUnsorted = Volatile.Read(ref series.IsUnsorted); // After Last: a sample that came late is marked before it is the last one.
        if (isUnsorted) return false;
        last = Volatile.Read(ref _slabs)[at >> SlabPool.SlabBits][at & (SlabPool.SlabSamples - 1)];
        return true;
    }

    /// <summary>For samples in order of time.</summary>
    private static bool Overlaps(ReadOnlySpan<Sample> samples, long start, long end) => samples.Length > 0 && samples[0].Time < end && samples[^1].Time >= start;

    private static void Copy(ReadOnlySpan<Sample> samples, long start, long end, SeriesColumns columns)
    {
        columns.EnsureCapacity(columns.Count + samples.Length);
        var (times, values, at) = (columns.Times, columns.Values, columns.Count);
        var qualities = columns.Qualities;
        foreach (ref readonly var sample in samples)
        {
            if (sample.Time < start || sample.Time >= end) continue;
            times[at] = sample.Time;
            values[at] = sample.Value;
            if (qualities is not null) qualities[at] = 1f;
            at++;
        }

        columns.Count = at;
    }

    private void ReadQualities(int slot, int first, SeriesColumns columns)
    {
        lock (_qualities)
        {
            for (var i = first; i < columns.Count; i++)
            {
                if (_qualities.TryGetValue((slot, columns.Times[i]), out var quality)) columns.SetQuality(i, quality);
            }
        }
    }

    private static void Begin(ref HotSeries series, long baseTime)
    {
        series.BaseTime = baseTime;
        series.LastTime = baseTime;
    }

    private void OutOfOrderSlow(ref HotSeries series, int slot, long time)
    {
        if (series.End > 0) Volatile.Write(ref series.IsUnsorted, true);
        if (time <= series.BaseTime) Volatile.Write(ref _mayReplaceStored, true);
        if (_qualityCount == 0) return;
        lock (_qualities)
        {
            _qualities.Remove((slot, time)); // The later arrival brings its own quality.
        }
    }

    private void AddChunkSlow(ref HotSeries series)
    {
        var size = series.End == 0 ? ChunkMin : Math.Min(ChunkMax, 2 * (int)At(series.Tail).Time);
        if (_used >> SlabPool.SlabBits >= _slabs.Length || (_used & (SlabPool.SlabSamples - 1)) + size > SlabPool.SlabSamples) AddSlab();
        var chunk = _used;
        _used += size;
        At(chunk) = new Sample(size, 0);
        if (series.End == 0) series.Head = chunk;
        else At(series.Tail) = new Sample(((long)chunk << 32) | At(series.Tail).Time, 0);
        series.Tail = chunk;
        series.Position = chunk + 1;
        series.End = chunk + size;
    }

    private ref Sample At(int position) => ref _slabs[position >> SlabPool.SlabBits][position & (SlabPool.SlabSamples - 1)];

    private void AddSlab()
    {
        Sample[][] grown = [.. _slabs, pool.Rent()];
        Volatile.Write(ref _slabs, grown);
        _used = (grown.Length - 1) << SlabPool.SlabBits;
    }

    private void GrowSeries(int slot)
    {
        var grown = pool.RentTable(Math.Max(slot + 1, _series.Length * 2));
        _series.CopyTo(grown, 0);
        Volatile.Write(ref _series, grown);
    }
}
