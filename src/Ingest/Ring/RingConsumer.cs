using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Ring;

/// <summary>One consumer's place in the ring. Owned by: the consumer's thread, but for <see cref="WakeIfParked"/> and <see cref="Sequence"/>.</summary>
internal sealed class RingConsumer : IDisposable
{
    /// <summary>Looks before sleeping: long enough to catch the next record of a busy sender, short enough not to take the core from it.</summary>
    private const int Spins = 10;

    private readonly RecordRing _ring;
    private readonly ManualResetEventSlim _wake = new(false, 0);
    private PaddedLong _sequence;
    private int _parked;
    private int _nudged;

    internal RingConsumer(RecordRing ring, long sequence)
    {
        _ring = ring;
        _sequence.Value = sequence;
    }

    /// <summary>The highest sequence this consumer is done with.</summary>
    public long Sequence => Volatile.Read(ref _sequence.Value);

    /// <summary>The highest sequence to read now; waits until there is one, <paramref name="timeout"/> has passed or <see cref="Wake"/> was called.</summary>
    public long WaitForNext(long sequence, TimeSpan timeout)
    {
        var spinner = default(SpinWait);
        for (var spin = 0; spin < Spins; spin++)
        {
            var available = _ring.HighestAvailable(sequence);
            if (available > sequence) return available;
            spinner.SpinOnce(sleep1Threshold: -1);
        }

        return Park(sequence, timeout);
    }

    public Record At(long sequence) => _ring.At(sequence);

    /// <summary>Leaves everything up to <paramref name="sequence"/> behind; producers may overwrite it.</summary>
    public void Advance(long sequence) => Volatile.Write(ref _sequence.Value, sequence); // Pairs with Volatile.Read in Sequence, by producers.

    /// <summary>Ends a wait early: a new look at things other than the ring.</summary>
    public void Wake()
    {
        Interlocked.Exchange(ref _nudged, 1); // Full fence: either Park sees it, or it is asleep and the event wakes it.
        _wake.Set();
    }

    public void Dispose() => _wake.Dispose();

    internal void WakeIfParked()
    {
        if (Volatile.Read(ref _parked) != 0) _wake.Set();
    }

    private long Park(long sequence, TimeSpan timeout)
    {
        _wake.Reset();
        Interlocked.Exchange(ref _parked, 1); // Full fence: either the producer sees us parked, or we see its record.
        var available = _ring.HighestAvailable(sequence);
        if (available == sequence && Interlocked.Exchange(ref _nudged, 0) == 0)
        {
            _wake.Wait(timeout);
            available = _ring.HighestAvailable(sequence);
        }

        Volatile.Write(ref _parked, 0);
        return available;
    }
}
