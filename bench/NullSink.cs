using DataLayer.Ingest;
using DataLayer.Ingest.Log;
using DataLayer.Ingest.Records;
using DataLayer.Ingest.Series;

namespace DataLayer.Bench;

/// <summary>A pipeline that takes every record and forgets it. One thread.</summary>
internal sealed class NullSink : IRecordSink
{
    private readonly Stack<Record> _free = new();
    private uint _lastSchema;

    public SeriesRegistry Registry { get; } = new(new DefinitionQueue(), 10_000_000);

    public long DurableLsn { get; private set; }

    public long AppliedLsn => DurableLsn;

    public Admission Admission => Admission.Open;

    public long Samples { get; private set; }

    public Record Rent() => _free.TryPop(out var record) ? record : new Record(1 << 16);

    public void Return(Record record)
    {
        record.Clear();
        _free.Push(record);
    }

    public bool TryPublish(Record record, out long lsn)
    {
        lsn = ++DurableLsn;
        Samples += record.SampleCount;
        Return(record);
        return true;
    }

    public bool HasCapacity => true;

    public bool TryReserve(long bytes) => true;

    public void Release(long bytes)
    {
    }

    public ValueTask WaitForReserveAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    public ValueTask WaitForCapacityAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    public void WhenDurable(IAckTarget target, long lsn) => target.OnDurable(DurableLsn);

    public void WhenApplied(IAckTarget target, long lsn) => target.OnApplied(DurableLsn);

    public Schema CreateSchema(int[] series) => new(++_lastSchema, series, 2);
}
