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

    public Record Rent() => _free.TryTake(out var record) ? record : new Record(CapacityBytes);

    public void Return(Record record)
    {
        record.Clear();
        if (record.CapacityBytes <= KeptBytesMax && _free.Count < keptMax) _free.Add(record);
    }
}
