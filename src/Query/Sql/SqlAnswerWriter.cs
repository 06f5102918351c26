using DataLayer.Query.Answers;
using DuckDB.NET.Data;

namespace DataLayer.Query.Sql;

/// <summary>Runs a statement and writes its rows. Owned by the worker that runs it.</summary>
internal abstract class SqlAnswerWriter
{
    public abstract void Write(DuckDBConnection connection, SqlStatement statement, int rowLimit, AnswerBuffer buffer, CancellationToken cancellation);

    public static SqlAnswerWriter Create(SqlFormat format) => format switch
    {
        SqlFormat.Csv => new CsvSqlWriter(),
        SqlFormat.Arrow => new ArrowSqlWriter(),
        _ => new JsonSqlWriter(),
    };

    /// <summary>Hands over what there is when there is enough; on the worker's own thread, which may wait for a slow reader until the time limit.</summary>
    protected static void FlushIfFull(AnswerBuffer buffer, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (buffer.IsFull) buffer.FlushAsync(cancellation).AsTask().GetAwaiter().GetResult();
    }
}
