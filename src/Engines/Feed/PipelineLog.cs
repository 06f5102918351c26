using DataLayer.Ingest;
using DataLayer.Ingest.Log;

namespace DataLayer.Engines.Feed;

/// <summary>The daemon's own log.</summary>
public sealed class PipelineLog(IngestStore store, IngestPipeline pipeline, long bytesMax) : ILogSource
{
    public long DurableLsn => pipeline.DurableLsn;

    public long OldestLsn => store.Log!.OldestLsn;

    public long StoredSamples => pipeline.StoredSamples;

    public (long Bytes, long Max) Budget => (pipeline.LogBytes, bytesMax);

    public LogReader Open(long afterLsn) => store.OpenReader(afterLsn, () => pipeline.DurableLsn);

    public Task WaitAsync(long lsn, CancellationToken cancellation) => pipeline.WaitDurableAsync(lsn, cancellation);
}
