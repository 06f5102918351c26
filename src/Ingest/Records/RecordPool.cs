using System.Collections.Concurrent;

namespace DataLayer.Ingest.Records;

/// <summary>Empty records for sessions. Any thread. Keeps the records of usual size; a record that grew large for one batch is let go.</summary>
internal sealed class RecordPool(int keptMax)
{
    /// <summary>Room for what one receive of 64 KiB decodes to.</summary>
    private const int CapacityBytes = 72 << 10;

    /// <summary>A kept record is no larger than a usual batch (1 MiB), so the pool's memory is bounded by keptMax MiB.</summary>
    private const int KeptBytesMax = (1 << 20) + (64 << 10);

    private readonly ConcurrentBag<Record> _free = [];
    private int _kept;

    public Record Rent()
    {
        if (!_free.TryTake(out var record)) return new Record(CapacityBytes);
        Interlocked.Decrement(ref _kept);
        return record;
    }

    public void Return(Record record)
    {
        record.Clear();
        if (record.CapacityBytes > KeptBytesMax) return;
        if (Interlocked.Increment(ref _kept) <= keptMax) _free.Add(record);
        else Interlocked.Decrement(ref _kept);
    }
}
