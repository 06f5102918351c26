using DataLayer.Ingest.Records;

namespace DataLayer.Engines;

/// <summary>
/// The narrow waist: what every store of samples implements (the lake, PostgreSQL, ClickHouse, Redis, MongoDB).
/// A feeder hands it batches in order of LSN; it stores each idempotently and remembers durably how far it is.
/// </summary>
public interface IEngine : IAsyncDisposable
{
    /// <summary>The name in configuration, status and metrics.</summary>
    string Name { get; }

    EngineCapabilities Capabilities { get; }

    /// <summary>Every record up to and including this LSN is stored durably. 0: none. Valid after <see cref="OpenAsync"/>.</summary>
    long Position { get; }

    EngineHealth Health { get; }

    /// <summary>Creates or migrates the schema, recovers from a crash, reads the position. Throws <see cref="EngineException"/>.</summary>
    ValueTask OpenAsync(CancellationToken cancellation);

    /// <summary>
    /// Stores the batch and moves <see cref="Position"/> to its end; returns when both are durable. Idempotent: the same batch again,
    /// whole or in part, changes nothing. Of two samples with one series and time the one of the later batch wins.
    /// Throws <see cref="EngineException"/>; the caller retries with the same batch.
    /// </summary>
    ValueTask WriteAsync(ISampleSource batch, CancellationToken cancellation);

    /// <summary>
    /// Takes a consistent view for reading: later writes and compactions do not change it. Dispose it soon.
    /// Throws <see cref="NotSupportedException"/> where <see cref="EngineCapabilities.Reads"/> is missing.
    /// </summary>
    IEngineSnapshot Snapshot();
}
