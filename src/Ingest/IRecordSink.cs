using DataLayer.Ingest.Records;
using DataLayer.Ingest.Series;

namespace DataLayer.Ingest;

/// <summary>
/// What a session needs of the pipeline, one call per record at most, so that sessions are tested and measured without threads and disks.
/// The contract of each member is that of <see cref="IngestPipeline"/>.
/// </summary>
public interface IRecordSink
{
    SeriesRegistry Registry { get; }

    long DurableLsn { get; }

    long AppliedLsn { get; }

    Admission Admission { get; }

    bool HasCapacity { get; }

    bool TryReserve(long bytes);

    void Release(long bytes);

    ValueTask WaitForReserveAsync(CancellationToken cancellation);

    Record Rent();

    void Return(Record record);

    bool TryPublish(Record record, out long lsn);

    ValueTask WaitForCapacityAsync(CancellationToken cancellation);

    void WhenDurable(IAckTarget target, long lsn);

    void WhenApplied(IAckTarget target, long lsn);

    Schema CreateSchema(int[] series);
}
