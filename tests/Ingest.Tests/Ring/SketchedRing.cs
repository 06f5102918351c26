using Record = DataLayer.Ingest.Records.Record;

namespace DataLayer.Ingest.Tests.Ring;

/// <summary>The ring's protocol once more, in its plainest form, with one flaw of choice: the control of the stress test. Without a flaw it must pass.</summary>
internal sealed class SketchedRing(int slots, int consumers, RingFlaw flaw) : IStressedRing
{
    private readonly Record?[] _slots = new Record?[slots];
    private readonly long[] _available = new long[slots];
    private readonly long[] _sequences = new long[consumers];
    private long _claimed;

    public int Consumers => consumers;

    public bool TryPublish(Record record)
    {
        if (!TryClaim(out var sequence)) return false;
        record.Pending = consumers;
        if (flaw != RingFlaw.ShowsBeforeSealed) record.Seal(sequence);
        var at = (int)(sequence % slots);
        Volatile.Write(ref _slots[at], record);
        Volatile.Write(ref _available[at], sequence);
        if (flaw == RingFlaw.ShowsBeforeSealed) record.Seal(sequence);
        return true;
    }

    public long Next(int consumer, long sequence)
    {
        var claimed = Volatile.Read(ref _claimed);
        var next = sequence;
        while (next < claimed && IsAvailable(next + 1)) next++;
        if (flaw == RingFlaw.AdvancesBeforeReading) Volatile.Write(ref _sequences[consumer], next);
        return next;
    }

    public Record At(long sequence) => Volatile.Read(ref _slots[(int)(sequence % slots)])!;

    public void Advance(int consumer, long sequence)
    {
        if (flaw != RingFlaw.AdvancesBeforeReading) Volatile.Write(ref _sequences[consumer], sequence);
    }

    private bool TryClaim(out long sequence)
    {
        while (true)
        {
            var claimed = Volatile.Read(ref _claimed);
            sequence = claimed + 1;
            var read = flaw == RingFlaw.GatesOnTheFastest ? Sequences().Max() : Sequences().Min();
            if (claimed - read >= slots) return false;
            if (flaw == RingFlaw.ClaimsWithoutSwap)
            {
                Volatile.Write(ref _claimed, sequence);
                return true;
            }

            if (Interlocked.CompareExchange(ref _claimed, sequence, claimed) == claimed) return true;
        }
    }

    private bool IsAvailable(long sequence) => flaw switch
    {
        RingFlaw.IgnoresAvailability => true,
        RingFlaw.ForgetsTheLap => Volatile.Read(ref _available[(int)(sequence % slots)]) != 0,
        _ => Volatile.Read(ref _available[(int)(sequence % slots)]) == sequence,
    };

    private IEnumerable<long> Sequences() => Enumerable.Range(0, consumers).Select(consumer => Volatile.Read(ref _sequences[consumer]));
}
