using System.IO.Pipelines;
using DataLayer.Engines;
using DataLayer.Ingest;
using DataLayer.Query.Samples;
using DataLayer.Query.SeriesList;

namespace DataLayer.Query;

/// <summary>
/// Answers queries for samples, last values and series over the hot store and the lake: everything acked, once each.
/// One per daemon; any thread. Each method writes the whole answer to the pipe and flushes it (it does not complete the pipe), or throws
/// <see cref="QueryException"/>; nothing has been written then, unless the answer was over 64 KiB and had begun.
/// </summary>
public sealed class QueryService(IngestPipeline pipeline, IEngine engine)
{
    private readonly IngestPipeline _pipeline = pipeline;
    private readonly IEngine _engine = engine;

    public Task SamplesAsync(SamplesQuery query, ResultFormat format, PipeWriter output, CancellationToken cancellation) =>
        throw new NotImplementedException($"{_pipeline} {_engine}");

    public Task LatestAsync(LatestQuery query, ResultFormat format, PipeWriter output, CancellationToken cancellation) => throw new NotImplementedException();

    public Task SeriesAsync(SeriesQuery query, ResultFormat format, PipeWriter output, CancellationToken cancellation) => throw new NotImplementedException();

    public Task CardinalityAsync(SeriesQuery query, ResultFormat format, PipeWriter output, CancellationToken cancellation) => throw new NotImplementedException();
}
