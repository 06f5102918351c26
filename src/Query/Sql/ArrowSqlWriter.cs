using Apache.Arrow;
using Apache.Arrow.Ipc;
using DataLayer.Query.Answers;
using DuckDB.NET.Data;

namespace DataLayer.Query.Sql;

/// <summary>An Arrow IPC stream, with DuckDB's own types. The format has no place to say that rows were cut: an answer of exactly the limit may be.</summary>
internal sealed class ArrowSqlWriter : SqlAnswerWriter
{
    public override void Write(DuckDBConnection connection, SqlStatement statement, int rowLimit, AnswerBuffer buffer, CancellationToken cancellation)
    {
        using var command = connection.CreateCommand();
        command.CommandText = statement.Text;
        command.UseStreamingMode = true;
        using var batches = command.ExecuteArrowStream();
        using var output = new BufferStream(buffer);
        using var writer = new ArrowStreamWriter(output, batches.Schema, leaveOpen: true);
        writer.WriteStart();
        for (var left = (long)rowLimit; left > 0;)
        {
            using var batch = batches.ReadNextRecordBatchAsync(cancellation).AsTask().GetAwaiter().GetResult();
            if (batch is null) break;
            Write(writer, batch, left);
            left -= batch.Length;
            FlushIfFull(buffer, cancellation);
        }

        writer.WriteEnd();
    }

    private static void Write(ArrowStreamWriter writer, RecordBatch batch, long rows)
    {
        if (batch.Length <= rows)
        {
            writer.WriteRecordBatch(batch);
            return;
        }

        using var part = batch.Slice(0, (int)rows);
        writer.WriteRecordBatch(part);
    }
}
