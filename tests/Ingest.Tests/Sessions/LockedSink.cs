using DataLayer.Ingest.Records;
using DataLayer.Ingest.Series;

namespace DataLayer.Ingest.Tests.Sessions;

/// <summary>A sink for several threads, as the pipeline is.</summary>
internal sealed class LockedSink(IRecordSink sink) : IRecordSink
{
    private readonly Lock _lock = new();

    public SeriesRegistry Registry => sink.Registry;

    public long DurableLsn => Locked(() => sink.DurableLsn);

    public long AppliedLsn => Locked(() => sink.AppliedLsn);

    public Admission Admission => Locked(() => sink.Admission);

    public Record Rent() => Locked(sink.Rent);

    public void Return(Record record)
    {
        lock (_lock) sink.Return(record);
    }

    public bool TryPublish(Record record, out long lsn)
    {
        lock (_lock) return sink.TryPublish(record, out lsn);
    }

    public bool HasCapacity => sink.HasCapacity;

    public bool TryReserve(long bytes) => sink.TryReserve(bytes);

    public void Release(long bytes) => sink.Release(bytes);

    public ValueTask WaitForReserveAsync(CancellationToken cancellation) => sink.WaitForReserveAsync(cancellation);

    public ValueTask WaitForCapacityAsync(CancellationToken cancellation) => sink.WaitForCapacityAsync(cancellation);

    public void WhenDurable(IAckTarget target, long lsn) => target.OnDurable(DurableLsn);

    public void WhenApplied(IAckTarget target, long lsn) => target.OnApplied(AppliedLsn);

    public Schema CreateSchema(int[] series) => Locked(() => sink.CreateSchema(series));

    private T Locked<T>(Func<T> call)
    {
        lock (_lock) return call();
    }
}
