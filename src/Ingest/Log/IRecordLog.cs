using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Log;

/// <summary>Where the commit thread writes. One thread calls; the real log is <c>RecordLog</c>, benchmarks use a null log.</summary>
public interface IRecordLog : IDisposable
{
    /// <summary>The highest LSN in the log; the next record gets one more.</summary>
    long LastLsn { get; }

    /// <summary>Bytes of all segments on disk.</summary>
    long BytesOnDisk { get; }

    /// <summary>Takes a sealed record. Its bytes must stay as they are until <see cref="Commit"/> returns. May write, does not flush.</summary>
    void Append(Record record);

    /// <summary>
    /// Makes everything appended durable: new definitions first, then the records; one flush for all. Throws <see cref="LogException"/> when the
    /// storage refuses (full, read-only, I/O error): nothing of this commit may be acked; call again to retry, which writes it all anew.
    /// </summary>
    void Commit();

    /// <summary>No reader needs the records up to <paramref name="lsn"/> any more: segments wholly before it may go. Any thread.</summary>
    void Release(long lsn);
}
