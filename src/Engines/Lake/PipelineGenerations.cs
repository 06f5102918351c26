using DataLayer.Ingest;
using DataLayer.Ingest.Records;
using DataLayer.Ingest.Shards;

namespace DataLayer.Engines.Lake;

/// <summary>The pipeline as the flusher sees it.</summary>
public sealed class PipelineGenerations(IngestPipeline pipeline) : IHotGenerations
{
    public long ActiveSamples => pipeline.ActiveSamples;

    public bool IsMemoryFull => pipeline.Admission == Admission.MemoryFull;

    public async Task<ISampleSource?> SealAsync(CancellationToken cancellation) => await pipeline.SealAsync(cancellation);

    public void Drop(ISampleSource generation) => pipeline.Drop((SealedGeneration)generation);

    public void ReleaseLog(long lsn) => pipeline.ReleaseLog(lsn);
}
