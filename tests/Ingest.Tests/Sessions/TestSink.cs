using DataLayer.Ingest.Log;
using DataLayer.Ingest.Records;
using DataLayer.Ingest.Series;

namespace DataLayer.Ingest.Tests.Sessions;

/// <summary>Takes records as the pipeline does, keeps what is in them, and does nothing by itself: the test says what is durable, applied or full.</summary>
internal sealed class TestSink : IRecordSink
{
    private readonly List<(IAckTarget Target, long Lsn, bool Durable)> _waiters = [];
    private readonly Stack<Record> _free = new();
    private uint _lastSchema;

    public TestSink(int seriesMax = 1_000_000) => Registry = new SeriesRegistry(Definitions, seriesMax);

    /// <summary>Who waits to be told.</summary>
    public int Waiting => _waiters.Count;

    public DefinitionQueue Definitions { get; } = new();

    public SeriesRegistry Registry { get; }

    public long DurableLsn { get; private set; }

    public long AppliedLsn { get; private set; }

    public Admission Admission { get; set; }

    /// <summary>Records the ring still takes.</summary>
    public int Room { get; set; } = int.MaxValue;

    /// <summary>Every record becomes durable and applied as it is published.</summary>
    public bool IsInstant { get; set; } = true;

    /// <summary>Keep no copies: for measuring allocation.</summary>
    public bool IsNull { get; set; }

    public int Rented { get; private set; }

    public long Published { get; private set; }

    public long LastLsn { get; private set; }

    public List<PublishedRecord> Records { get; } = [];

    public IEnumerable<PublishedSample> Samples => Records.SelectMany(record => record.Samples);

    public IEnumerable<PublishedEvent> Events => Records.SelectMany(record => record.Events);

    public long PublishedEvents { get; private set; }

    public Record Rent()
    {
        Rented++;
        return _free.TryPop(out var record) ? record : new Record(4096);
    }

    public void Return(Record record)
    {
        Rented--;
        record.Clear();
        _free.Push(record);
    }

    public bool TryPublish(Record record, out long lsn)
    {
        lsn = 0;
        if (Room == 0) return false;
        Room--;
        lsn = ++LastLsn;
        record.Seal(lsn);
        Published += record.SampleCount;
        PublishedEvents += record.EventCount;
        if (!IsNull) Records.Add(PublishedRecord.Of(record, Registry));
        Return(record);
        if (IsInstant) DurableLsn = AppliedLsn = lsn;
        return true;
    }

    public bool HasCapacity { get; set; } = true;

    public long ReservedBytes { get; private set; }

    public long ReservedMost { get; private set; }

    public bool TryReserve(long bytes)
    {
        if (!HasCapacity) return false;
        ReservedBytes += bytes;
        ReservedMost = Math.Max(ReservedMost, ReservedBytes);
        return true;
    }

    public void Release(long bytes) => ReservedBytes -= bytes;

    public ValueTask WaitForReserveAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    public ValueTask WaitForCapacityAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    public void WhenDurable(IAckTarget target, long lsn)
    {
        if (lsn <= DurableLsn) target.OnDurable(DurableLsn);
        else _waiters.Add((target, lsn, true));
    }

    public void WhenApplied(IAckTarget target, long lsn)
    {
        if (lsn <= AppliedLsn) target.OnApplied(AppliedLsn);
        else _waiters.Add((target, lsn, false));
    }

    public Schema CreateSchema(int[] series) => new(++_lastSchema, series, 2);

    public void MakeDurable(long lsn)
    {
        DurableLsn = lsn;
        foreach (var waiter in _waiters.Where(waiter => waiter.Durable && waiter.Lsn <= lsn).ToArray())
        {
            _waiters.Remove(waiter);
            waiter.Target.OnDurable(lsn);
        }
    }

    public void MakeApplied(long lsn)
    {
        AppliedLsn = lsn;
        foreach (var waiter in _waiters.Where(waiter => !waiter.Durable && waiter.Lsn <= lsn).ToArray())
        {
            _waiters.Remove(waiter);
            waiter.Target.OnApplied(lsn);
        }
    }
}
