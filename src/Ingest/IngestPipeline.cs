using DataLayer.Ingest.Log;
using DataLayer.Ingest.Records;
using DataLayer.Ingest.Ring;
using DataLayer.Ingest.Series;
using DataLayer.Ingest.Shards;

namespace DataLayer.Ingest;

/// <summary>
/// The hot path as its users see it: sessions publish records, the commit thread makes them durable, the shards make them visible.
/// Owned by the daemon; every method is safe from any thread unless it says otherwise.
/// </summary>
public sealed class IngestPipeline : IRecordSink, IAsyncDisposable
{
    /// <summary>How long the hot store may stay at its budget before senders are told so (error 7) instead of being held back.</summary>
    private static readonly TimeSpan MemoryPatience = TimeSpan.FromSeconds(10);

    /// <summary>What a host sends in a second at most: some thousand samples.</summary>
    private const int SmallRecordBytes = 64 << 10;

    private readonly IngestOptions _options;
    private readonly TimeProvider _time;
    private readonly Shard[] _shards;
    private readonly SlabPool _slabs;
    private readonly RecordPool _records;
    private readonly RecordRing _ring;
    private readonly IRecordLog _log;
    private readonly CommitLoop _commit;
    private readonly ShardLoop[] _shardLoops;
    private readonly Thread[] _threads;
    private readonly CapacityWaiters _capacity = new();
    private readonly AckWaiters _durableWaiters = new(durable: true);
    private readonly AckWaiters _appliedWaiters = new(durable: false);
    private readonly SemaphoreSlim _sealing = new(1);
    private readonly Func<bool> _hasCapacity;
    private readonly Func<bool> _hasReserve;

    private long _inFlightBytes;
    private long _reservedBytes;
    private long _published;
    private long _stored;
    private long _publishedEvents;
    private long _storedEvents;
    private long _durableLsn;
    private long _droppedLsn;
    private long _hotFullSince;
    private uint _lastSchema;
    private volatile bool _stopping;

    /// <param name="registry">The series, already loaded.</param>
    /// <param name="log">Where records become durable; owned by the pipeline from here on.</param>
    /// <param name="shards">The shards with what recovery has replayed into them.</param>
    /// <param name="storedLsn">The position of the lake: what the hot store does not hold.</param>
    internal IngestPipeline(IngestOptions options, SeriesRegistry registry, IRecordLog log, ShardSet shards, long storedLsn, TimeProvider time)
    {
        (_options, Registry, _log, _time, _droppedLsn) = (options, registry, log, time, storedLsn);
        (_shards, _slabs) = (shards.Shards, shards.Slabs);
        _slabs.Freed = _capacity.Wake;
        _lastSchema = shards.LastSchema;
        _records = new RecordPool(options.RingSlots);
        _ring = new RecordRing(options.RingSlots, log.LastLsn, 1 + _shards.Length);
        _durableLsn = log.LastLsn;
        _hasCapacity = () => HasCapacity;
        _hasReserve = () => HasCapacity && Volatile.Read(ref _reservedBytes) + InFlightBytes <= _options.InFlightBytesMax / 2;
        _commit = new CommitLoop(this, log, _ring.Consumers[0]);
        _shardLoops = [.. _shards.Select((shard, i) => new ShardLoop(this, shard, _ring.Consumers[1 + i]))];
        _threads = [new Thread(_commit.Run) { Name = "commit", IsBackground = true }, .. _shardLoops.Select((loop, i) => new Thread(loop.Run) { Name = $"shard {i}", IsBackground = true })];
        foreach (var thread in _threads) thread.Start();
    }

    /// <summary>Number of shards, each with a thread and the series that are its own.</summary>
    public int ShardCount => _shards.Length;

    public SeriesRegistry Registry { get; }

    /// <summary>The highest LSN that is on disk. 0: none yet. LSNs start at 1 and have no gaps.</summary>
    public long DurableLsn => Volatile.Read(ref _durableLsn);

    /// <summary>The highest LSN that every shard has applied: visible to queries.</summary>
    public long AppliedLsn
    {
        get
        {
            var applied = long.MaxValue;
            for (var i = 1; i < _ring.Consumers.Count; i++) applied = Math.Min(applied, _ring.Consumers[i].Sequence);
            return applied;
        }
    }

    /// <summary>Samples taken over from sessions.</summary>
    public long PublishedSamples => Volatile.Read(ref _published);

    /// <summary>Samples that are on disk.</summary>
    public long StoredSamples => Volatile.Read(ref _stored);

    /// <summary>Events taken over from sessions.</summary>
    public long PublishedEvents => Volatile.Read(ref _publishedEvents);

    /// <summary>Events that are on disk.</summary>
    public long StoredEvents => Volatile.Read(ref _storedEvents);

    /// <summary>Bytes of records published and not yet left by every consumer.</summary>
    public long InFlightBytes => Volatile.Read(ref _inFlightBytes);

    /// <summary>Records in the ring, and its capacity.</summary>
    public (int Depth, int Capacity) RingFill => (_ring.Depth, _ring.Capacity);

    /// <summary>Samples in the hot store, all generations.</summary>
    public long HotSamples => _shards.Sum(shard => shard.Measure().Samples);

    /// <summary>Samples in the active generation: what the next seal hands over.</summary>
    public long ActiveSamples => _shards.Sum(shard => shard.Measure().ActiveSamples);

    /// <summary>Events in the hot store, all generations; and of them those in the active one, and their bytes.</summary>
    public (long Events, long ActiveEvents, long ActiveEventBytes) HotEvents => _shards[0].MeasureEvents();

    /// <summary>Bytes of samples and events in the hot store.</summary>
    public long HotBytes => _slabs.UsedBytes;

    /// <summary>Why the log cannot be written now; null when it can.</summary>
    public string? LogFailure => _commit.Failure;

    /// <summary>Commits that the storage has refused since the start; each was tried again.</summary>
    public long LogFailures => Volatile.Read(ref _commit.Failures);

    /// <summary>Grows while the commit thread and every shard go around their loops; stands still when one hangs.</summary>
    public long Heartbeat => Math.Min(Volatile.Read(ref _commit.Beats), _shardLoops.Min(loop => Volatile.Read(ref loop.Beats)));

    /// <summary>Why new data are refused now; <see cref="Admission.Open"/> when they are not.</summary>
    public Admission Admission
    {
        get
        {
            if (_stopping) return Admission.Stopping;
            if (_commit.Failure is not null || LogBytes > _options.LogBytesMax) return Admission.StorageFull;
            return IsHotFullForLong() ? Admission.MemoryFull : Admission.Open;
        }
    }

    /// <summary>Any record would fit now. Told earlier than refused: so who waits does not try again and again, and what is left is for small records.</summary>
    public bool HasCapacity => _ring.HasSpace && Volatile.Read(ref _inFlightBytes) <= _options.InFlightBytesMax / 2 && HotBytesSoon < HotBytesForAll;

    /// <summary>Whether it is time for a flush, because what is hot takes half of its memory: the other half fills while the flush writes.</summary>
    public bool IsHotHalfFull => HotBytes >= _options.HotBytesMax / 2;

    /// <summary>Bytes of the log on disk.</summary>
    public long LogBytes => _log.BytesOnDisk;

    internal bool IsStopping => _stopping;

    /// <summary>What the hot store takes once all in flight is applied, where that is rows: 8 bytes of a row's sample become 16.</summary>
    private long HotBytesSoon => HotBytes + (2 * InFlightBytes);

    /// <summary>The last eighth of the hot store is kept for small records: who sends more than the lake takes does not take the room of those who send little.</summary>
    private long HotBytesForAll => _options.HotBytesMax - (_options.HotBytesMax / 8);

    /// <summary>An empty record to fill, from the pool. Never blocks; give it back by publishing or <see cref="Return"/>.</summary>
    public Record Rent() => _records.Rent();

    public void Return(Record record) => _records.Return(record);

    /// <summary>
    /// Puts a completed record into the ring. False: the ring, the in-flight budget or the hot store is full; the record stays the caller's, who awaits
    /// <see cref="WaitForCapacityAsync"/> and tries again (TCP, HTTP) or counts a drop (UDP).
    /// Thread: any. Allocates: no. Blocks: no. Fails: returns false.
    /// </summary>
    public bool TryPublish(Record record, out long lsn)
    {
        lsn = 0;
        if (_stopping || HotBytesSoon >= (record.LengthBytes <= SmallRecordBytes ? _options.HotBytesMax : HotBytesForAll)) return false;
        return TryPublishAlways(record, out lsn);
    }

    /// <summary>
    /// Takes room for a batch that is about to be unpacked, beside what is in flight, and leaving half of that to others; false where there is none: then wait for capacity. Given back by <see cref="Release"/> before
    /// its record is published. Thread: any. Allocates: no. Blocks: no. Fails: returns false.
    /// </summary>
    public bool TryReserve(long bytes)
    {
        if (!HasCapacity) return false;
        if (Interlocked.Add(ref _reservedBytes, bytes) - bytes + InFlightBytes <= _options.InFlightBytesMax / 2) return true;
        Release(bytes);
        return false;
    }

    /// <summary>Gives back what <see cref="TryReserve"/> took.</summary>
    public void Release(long bytes)
    {
        Interlocked.Add(ref _reservedBytes, -bytes);
        _capacity.Wake();
    }

    /// <summary>Completes when it is worth trying to reserve again.</summary>
    public ValueTask WaitForReserveAsync(CancellationToken cancellation)
    {
        var wait = _capacity.WaitAsync(_hasReserve);
        return wait.IsCompleted ? ValueTask.CompletedTask : new ValueTask(wait.WaitAsync(cancellation));
    }

    /// <summary>Completes when it is worth trying again.</summary>
    public ValueTask WaitForCapacityAsync(CancellationToken cancellation)
    {
        var wait = _capacity.WaitAsync(_hasCapacity);
        return wait.IsCompleted ? ValueTask.CompletedTask : new ValueTask(wait.WaitAsync(cancellation));
    }

    /// <summary>
    /// Has <paramref name="target"/> called once <paramref name="lsn"/> is durable (at once, on this thread, if it is already).
    /// One call may stand for many: the target is told the highest durable LSN.
    /// </summary>
    public void WhenDurable(IAckTarget target, long lsn)
    {
        if (DurableLsn >= lsn)
        {
            // Not added first: nothing would take it out before the next commit, and a peer that only asks for acks causes none.
            _durableWaiters.Tell(target, DurableLsn);
            return;
        }

        _durableWaiters.Add(target, lsn);
        Interlocked.MemoryBarrier(); // Either the commit thread sees the waiter, or we see its progress; told twice does no harm.
        if (DurableLsn >= lsn) _durableWaiters.Tell(target, DurableLsn);
    }

    /// <summary>The same for "visible to queries".</summary>
    public void WhenApplied(IAckTarget target, long lsn)
    {
        if (AppliedLsn >= lsn)
        {
            _appliedWaiters.Tell(target, AppliedLsn);
            return;
        }

        _appliedWaiters.Add(target, lsn);
        Interlocked.MemoryBarrier(); // As above, with the shards.
        if (AppliedLsn >= lsn) _appliedWaiters.Tell(target, AppliedLsn);
    }

    /// <summary>Completes when the record is durable.</summary>
    public Task WaitDurableAsync(long lsn, CancellationToken cancellation)
    {
        if (DurableLsn >= lsn) return Task.CompletedTask;
        var wait = new DurableWait();
        WhenDurable(wait, lsn);
        return wait.Task.WaitAsync(cancellation);
    }

    /// <summary>Makes a schema of registered series for use in rows.</summary>
    public Schema CreateSchema(int[] series) => new(Interlocked.Increment(ref _lastSchema), series, _shards.Length);

    /// <summary>
    /// A consistent view of all samples that the lake may not hold yet. Dispose it soon: it keeps memory alive.
    /// Take it first and the engine's snapshot second, then call <see cref="HotSnapshot.DropUpTo"/> with the engine's position.
    /// </summary>
    public HotSnapshot AcquireHot() => new(_shards);

    /// <summary>The running aggregates of a series; false when it has had no sample since the daemon started.</summary>
    public bool TryGetAggregate(int series, out RunningAggregate aggregate) =>
        _shards[ShardMap.ShardOf(series, _shards.Length)].TryGetAggregate(ShardMap.SlotOf(series, _shards.Length), out aggregate);

    /// <summary>
    /// Seals the active generation of the hot store: completes when every shard has moved on and the log is durable up to its end.
    /// One at a time: drop what was sealed before sealing again. Null when there is nothing to seal.
    /// </summary>
    public async Task<SealedGeneration?> SealAsync(CancellationToken cancellation)
    {
        await _sealing.WaitAsync(cancellation);
        try
        {
            if (ActiveSamples == 0 && HotEvents.ActiveEvents == 0 && AppliedLsn >= _ring.Claimed) return null;
            var marker = Rent();
            marker.Complete(0, 0, _time.GetUtcNow().ToUnixTimeMilliseconds() * 1000);
            marker.SealsBefore = true;
            long markerLsn;
            while (!TryPublishAlways(marker, out markerLsn)) await _capacity.WaitAsync(() => _ring.HasSpace && Volatile.Read(ref _inFlightBytes) < _options.InFlightBytesMax).WaitAsync(cancellation);
            var end = markerLsn - 1;
            await new LsnWait(this).UntilAsync(markerLsn, cancellation);
            return new SealedGeneration([.. _shards.Select(shard => shard.Sealed(end))], Registry.InOrder(), Volatile.Read(ref _droppedLsn), end);
        }
        finally
        {
            _sealing.Release();
        }
    }

    /// <summary>Drops a sealed generation once the lake holds it; its memory is reused when the last snapshot is disposed.</summary>
    public void Drop(SealedGeneration generation)
    {
        foreach (var shard in _shards) shard.Drop(generation.EndLsn);
        Volatile.Write(ref _droppedLsn, generation.EndLsn);
    }

    /// <summary>Lets the log forget the records up to <paramref name="lsn"/>: every reader of the log stands at or after it.</summary>
    public void ReleaseLog(long lsn) => _log.Release(lsn);

    /// <summary>Stops taking records, applies and commits what is in flight, stops the threads. Sessions must have stopped.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping) return;
        _stopping = true;
        foreach (var consumer in _ring.Consumers) consumer.Wake();
        _capacity.Wake();
        await Task.Run(() => Array.ForEach(_threads, thread => thread.Join()));
        foreach (var consumer in _ring.Consumers) consumer.Dispose();
        _log.Dispose();
        _sealing.Dispose();
    }

    /// <summary>The commit thread has made the records after <paramref name="from"/> up to <paramref name="to"/> durable.</summary>
    internal void OnDurable(long from, long to, RingConsumer consumer)
    {
        var (samples, events) = (0L, 0L);
        for (var lsn = from + 1; lsn <= to; lsn++)
        {
            var record = consumer.At(lsn);
            samples += record.SampleCount;
            events += record.EventCount;
            Leave(record);
        }

        Volatile.Write(ref _stored, _stored + samples);
        Volatile.Write(ref _storedEvents, _storedEvents + events);
        Volatile.Write(ref _durableLsn, to);
        consumer.Advance(to);
        Interlocked.MemoryBarrier(); // Pairs with WhenDurable.
        _durableWaiters.Notify(to);
        _capacity.Wake();
    }

    /// <summary>A shard has applied a record.</summary>
    internal void OnApplied(Record record)
    {
        Leave(record);
        Interlocked.MemoryBarrier(); // Pairs with WhenApplied.
        _appliedWaiters.Notify(AppliedLsn);
        _capacity.Wake();
    }

    private bool TryPublishAlways(Record record, out long lsn)
    {
        lsn = 0;
        var (bytes, samples, events) = (record.LengthBytes, record.SampleCount, record.EventCount);
        if (!FitsInFlight(Volatile.Read(ref _inFlightBytes) + bytes, bytes)) return false;
        var fits = FitsInFlight(Interlocked.Add(ref _inFlightBytes, bytes), bytes);
        if (fits && _ring.TryPublish(record, out lsn))
        {
            Interlocked.Add(ref _published, samples);
            if (events > 0) Interlocked.Add(ref _publishedEvents, events);
            return true;
        }

        Interlocked.Add(ref _inFlightBytes, -bytes);
        if (!fits) _capacity.Wake(); // Two went for the last of the budget: who looked meanwhile saw it full, and perhaps nothing is left to wake them.
        return false;
    }

    /// <summary>Within the budget, or, for records of more than half of it, when half of it is free.</summary>
    private bool FitsInFlight(long inFlight, long bytes) => inFlight <= _options.InFlightBytesMax || inFlight - bytes <= _options.InFlightBytesMax / 2;

    private void Leave(Record record)
    {
        if (Interlocked.Decrement(ref record.Pending) != 0) return;
        Interlocked.Add(ref _inFlightBytes, -record.LengthBytes);
        _records.Return(record);
    }

    private bool IsHotFullForLong()
    {
        if (HotBytes < HotBytesForAll)
        {
            Volatile.Write(ref _hotFullSince, 0);
            return false;
        }

        var now = _time.GetTimestamp();
        var since = Interlocked.CompareExchange(ref _hotFullSince, now, 0);
        return since != 0 && _time.GetElapsedTime(since, now) > MemoryPatience;
    }
}
