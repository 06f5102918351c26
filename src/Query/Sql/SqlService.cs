using System.IO.Pipelines;
using DataLayer.Engines;
using DataLayer.Ingest;

namespace DataLayer.Query.Sql;

/// <summary>
/// Runs one read-only SQL statement at a time per worker over the views samples, series, rollup_1m and rollup_1h: hot store and lake as one.
/// One per daemon; any thread. The answer goes to the pipe and is flushed (the pipe is not completed); errors are <see cref="QueryException"/>,
/// and nothing has been written then, unless the answer was over 64 KiB and had begun.
/// </summary>
public sealed class SqlService(IngestPipeline pipeline, IEngine engine, SqlOptions options) : IAsyncDisposable
{
    private readonly IngestPipeline _pipeline = pipeline;
    private readonly IEngine _engine = engine;
    private readonly SqlOptions _options = options;

    public Task ExecuteAsync(string sql, SqlFormat format, PipeWriter output, CancellationToken cancellation) =>
        throw new NotImplementedException($"{_pipeline} {_engine} {_options}");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
