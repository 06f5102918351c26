using System.Buffers;
using DataLayer.Query.Answers;
using DuckDB.NET.Data;

namespace DataLayer.Query.Sql;

/// <summary>RFC 4180 with a header line. NULL is an empty field, an empty string is <c>""</c>; maps, lists and structs are JSON in a field.</summary>
internal sealed class CsvSqlWriter : SqlAnswerWriter
{
    public override void Write(DuckDBConnection connection, SqlStatement statement, int rowLimit, AnswerBuffer buffer, CancellationToken cancellation)
    {
        using var rows = SqlRows.Open(connection, statement, rowLimit);
        for (var i = 0; i < rows.Columns.Count; i++)
        {
            if (i > 0) buffer.Write(","u8);
            CsvText.Field(buffer, rows.Columns[i].Name);
        }

        buffer.Write("\r\n"u8);
        while (rows.Read())
        {
            for (var i = 0; i < rows.Columns.Count; i++)
            {
                if (i > 0) buffer.Write(","u8);
                if (!rows.IsNull(i)) Field(rows, i, buffer);
            }

            buffer.Write("\r\n"u8);
            FlushIfFull(buffer, cancellation);
        }
    }

    private static void Field(SqlRows rows, int column, AnswerBuffer buffer)
    {
        switch (rows.Columns[column].Kind)
        {
            case SqlColumnKind.Boolean:
                buffer.Write(rows.Boolean(column) ? "true"u8 : "false"u8);
                break;
            case SqlColumnKind.Integer:
                CsvText.Int64(buffer, rows.Int64(column));
                break;
            case SqlColumnKind.Float:
                CsvText.Float(buffer, rows.Float(column));
                break;
            case SqlColumnKind.Double:
                CsvText.Double(buffer, rows.Double(column));
                break;
            case SqlColumnKind.Time:
                CsvText.Time(buffer, rows.Int64(column));
                break;
            default:
                var text = rows.Text(column);
                if (text.Length == 0) buffer.Write("\"\""u8);
                else CsvText.Field(buffer, text);
                break;
        }
    }
}
