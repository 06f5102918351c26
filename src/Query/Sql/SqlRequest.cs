using System.IO.Pipelines;

namespace DataLayer.Query.Sql;

/// <summary>A statement on its way: queued by a caller, run by a worker.</summary>
internal sealed class SqlRequest(string sql, SqlFormat format, PipeWriter output, CancellationToken caller, CancellationToken limit)
{
    public string Sql { get; } = sql;

    public SqlFormat Format { get; } = format;

    public PipeWriter Output { get; } = output;

    /// <summary>Cancelled when the caller has gone.</summary>
    public CancellationToken Caller { get; } = caller;

    /// <summary>Cancelled when the caller has gone or the time is up.</summary>
    public CancellationToken Limit { get; } = limit;

    public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
