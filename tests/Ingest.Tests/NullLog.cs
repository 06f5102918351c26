using DataLayer.Ingest.Log;
using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Tests;

/// <summary>A log that keeps nothing, or fails when told to.</summary>
internal sealed class NullLog : IRecordLog
{
    private long _appended;

    public volatile bool Fails;

    public long LastLsn { get; private set; }

    public long BytesOnDisk => 0;

    public void Append(Record record) => _appended = record.Lsn;

    public void Commit()
    {
        if (Fails) throw new LogException("The test's disk is full.");
        LastLsn = _appended;
    }

    public void Release(long lsn)
    {
    }

    public void Dispose()
    {
    }
}
