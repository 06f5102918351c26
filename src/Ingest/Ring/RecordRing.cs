using System.Numerics;
using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Ring;

/// <summary>
/// The ring between sessions and consumers, after the LMAX Disruptor (multi-producer sequencer): producers claim a sequence by
/// compare-and-swap, fill the slot, and mark it available; every consumer sees every record, in order, at its own pace.
/// A sequence is the record's LSN. Full-policy: TryPublish returns false and the producer keeps its record.
/// </summary>
internal sealed class RecordRing
{
    private readonly Record?[] _slots;
    private readonly long[] _available;
    private readonly int _mask;
    private readonly RingConsumer[] _consumers;
    private PaddedLong _claimed;
    private PaddedLong _slowest;

    /// <param name="slots">Capacity, a power of two.</param>
    /// <param name="lastSequence">The sequence before the first one.</param>
    /// <param name="consumers">How many consumers see each record.</param>
    public RecordRing(int slots, long lastSequence, int consumers)
    {
        if (!BitOperations.IsPow2(slots)) throw new ArgumentException($"The ring's slots must be a power of two; got {slots}.", nameof(slots));
        _slots = new Record?[slots];
        _available = new long[slots];
        Array.Fill(_available, long.MinValue);
        _mask = slots - 1;
        _claimed.Value = lastSequence;
        _slowest.Value = lastSequence;
        _consumers = new RingConsumer[consumers];
        for (var i = 0; i < consumers; i++) _consumers[i] = new RingConsumer(this, lastSequence);
    }

    public int Capacity => _slots.Length;

    public IReadOnlyList<RingConsumer> Consumers => _consumers;

    /// <summary>The highest sequence claimed by a producer.</summary>
    public long Claimed => Volatile.Read(ref _claimed.Value);

    /// <summary>Records claimed and not yet left by every consumer.</summary>
    public int Depth => (int)Math.Max(0, Claimed - SlowestSequence());

    public bool HasSpace => Claimed - SlowestSequence() < _slots.Length;

    /// <summary>
    /// Gives the record the next LSN, seals it and shows it to every consumer.
    /// Thread: any. Allocates: no. Blocks: no. Fails: returns false when the ring is full.
    /// </summary>
    public bool TryPublish(Record record) => TryPublish(record, out _);

    /// <summary>The same, and the LSN: the record is its consumers' once it is published, and cannot be asked for it any more.</summary>
    public bool TryPublish(Record record, out long sequence)
    {
        sequence = 0;
        long claimed;
        do
        {
            claimed = Volatile.Read(ref _claimed.Value);
            if (claimed - Volatile.Read(ref _slowest.Value) >= _slots.Length && claimed - SlowestSequence() >= _slots.Length) return false;
        }
        while (Interlocked.CompareExchange(ref _claimed.Value, claimed + 1, claimed) != claimed);

        sequence = claimed + 1;
        record.Pending = _consumers.Length;
        record.Seal(sequence);
        var at = (int)sequence & _mask;
        _slots[at] = record;
        Volatile.Write(ref _available[at], sequence); // Pairs with Volatile.Read in HighestAvailable: the record is whole when this is seen.
        Interlocked.MemoryBarrier(); // Before looking at who sleeps: see RingConsumer.Park.
        foreach (var consumer in _consumers) consumer.WakeIfParked();
        return true;
    }

    internal Record At(long sequence) => _slots[(int)sequence & _mask]!;

    /// <summary>The end of the unbroken row of available records after <paramref name="sequence"/>; itself when there is none.</summary>
    internal long HighestAvailable(long sequence)
    {
        var last = Volatile.Read(ref _claimed.Value);
        var next = sequence;
        while (next < last && Volatile.Read(ref _available[(int)(next + 1) & _mask]) == next + 1) next++;
        return next;
    }

    private long SlowestSequence()
    {
        var slowest = long.MaxValue;
        foreach (var consumer in _consumers) slowest = Math.Min(slowest, consumer.Sequence);
        Volatile.Write(ref _slowest.Value, slowest); // Only ever too low: producers then look again.
        return slowest;
    }
}
