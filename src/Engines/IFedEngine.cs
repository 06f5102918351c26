using DataLayer.Ingest.Records;

namespace DataLayer.Engines;

/// <summary>
/// An engine in a server of its own, fed from the log by a feeder of its own (<c>Feed.EngineFeeder</c>), which calls one method at a time. Snapshots are taken beside it, by any thread.
/// A fault throws <see cref="EngineException"/>: transient ones (the server is away, slow, restarting, refuses for lack of room or rights) are tried again for ever, with the same batch;
/// the engine finds out for itself what of the batch was stored. <see cref="RefusedSamplesException"/>: for what the samples are.
/// </summary>
public interface IFedEngine : IEngine
{
    /// <summary>The least time that the server can hold, Unix microseconds. The feeder sends no sample before it.</summary>
    long MinTimeMicros { get; }

    /// <summary>The greatest time that the server can hold, Unix microseconds. The feeder sends no sample after it.</summary>
    long MaxTimeMicros { get; }

    /// <summary>
    /// Greatest time of any sample that is stored, by whoever, Unix microseconds; long.MinValue: none is. Read by <see cref="IEngine.OpenAsync"/>. A time that is too great costs speed
    /// alone (more samples are taken for late ones): the feeder makes of it the <see cref="SeriesColumns.BaseTime"/> of series that it has not seen yet.
    /// </summary>
    long LastTimeMicros { get; }

    /// <summary>Samples that batches should have now for the server's sake, where that is more than configured: then they may wait four times as long to fill. 0: no wish.</summary>
    int PreferredBatchRows => 0;

    /// <summary>What people see of the connection pool: connections in use and the most there may be.</summary>
    (int InUse, int Max) Pool { get; }

    /// <summary>
    /// Connects and says, one line each, what the engine found and what <see cref="IEngine.OpenAsync"/> would create or change. Changes nothing. Before or instead of opening.
    /// </summary>
    Task<IReadOnlyList<string>> DescribeAsync(CancellationToken cancellation);

    /// <summary>
    /// Stores samples beside the position, which stays: a part of a refused batch, or a part of the lake for a rebuild. Idempotent as <see cref="IEngine.WriteAsync"/>;
    /// against other writes of the same series and time the greater <see cref="ISampleSource.EndLsn"/> wins.
    /// </summary>
    ValueTask AddAsync(ISampleSource samples, CancellationToken cancellation);

    /// <summary>Sets the durable position, back or forward, and stores nothing: what follows is written from there. Samples that are written again stay one.</summary>
    ValueTask MoveToAsync(long position, CancellationToken cancellation);

    /// <summary>Deletes samples that are older than the configured retention. Called once a minute; does nothing where the server does it. Returns what it did in words for the log, or null.</summary>
    ValueTask<string?> ExpireAsync(CancellationToken cancellation);
}
