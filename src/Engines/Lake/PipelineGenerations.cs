using DataLayer.Engines.Feed;
using DataLayer.Ingest;
using DataLayer.Ingest.Records;
using DataLayer.Ingest.Shards;

namespace DataLayer.Engines.Lake;

/// <summary>The pipeline as the flusher sees it.</summary>
public sealed class PipelineGenerations(IngestPipeline pipeline, LogKeeper keeper) : IHotGenerations
{
    /// <summary>Less than this does not make room: then queries hold what was flushed.</summary>
    private const long WorthFlushing = 100_000;
    private const long WorthFlushingBytes = 16 << 20;

    public long ActiveSamples => pipeline.ActiveSamples;

    public bool IsMemoryFilling => pipeline.IsHotHalfFull && (pipeline.ActiveSamples >= WorthFlushing || pipeline.HotEvents.ActiveEventBytes >= WorthFlushingBytes);

    public async Task<ISampleSource?> SealAsync(CancellationToken cancellation) => await pipeline.SealAsync(cancellation);

    public void Drop(ISampleSource generation) => pipeline.Drop((SealedGeneration)generation);

    public void ReleaseLog(long lsn)
    {
        keeper.Hold("lake", lsn);
        keeper.Release();
    }
}
