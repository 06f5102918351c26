using DataLayer.Ingest.Records;

namespace DataLayer.Engines.Lake;

/// <summary>What the flusher asks of the ingest pipeline.</summary>
public interface IHotGenerations
{
    /// <summary>Samples in the generation that still takes more.</summary>
    long ActiveSamples { get; }

    /// <summary>A flush should begin now, or senders will wait for memory.</summary>
    bool IsMemoryFilling { get; }

    /// <summary>Seals the active generation; null when there is nothing in it.</summary>
    Task<ISampleSource?> SealAsync(CancellationToken cancellation);

    /// <summary>The engine holds this generation durably.</summary>
    void Drop(ISampleSource generation);

    /// <summary>The log is not needed up to this LSN any more.</summary>
    void ReleaseLog(long lsn);
}
