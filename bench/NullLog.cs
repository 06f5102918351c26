using DataLayer.Ingest.Log;
using DataLayer.Ingest.Records;

namespace DataLayer.Bench;

/// <summary>A log that keeps nothing: what remains is the cost of everything else.</summary>
internal sealed class NullLog : IRecordLog
{
    public long LastLsn { get; private set; }

    public long BytesOnDisk => 0;

    public void Append(Record record) => LastLsn = record.Lsn;

    public void Commit()
    {
    }

    public void Release(long lsn)
    {
    }

    public void Dispose()
    {
    }
}
