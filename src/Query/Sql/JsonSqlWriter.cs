using System.Text.Json;
using DataLayer.Query.Answers;
using DuckDB.NET.Data;

namespace DataLayer.Query.Sql;

/// <summary><c>{"columns":[{"name":…,"type":…}],"rows":[[…]],"truncated":false}</c>; how each type is written: docs/http-api.md.</summary>
internal sealed class JsonSqlWriter : SqlAnswerWriter
{
    public override void Write(DuckDBConnection connection, SqlStatement statement, int rowLimit, AnswerBuffer buffer, CancellationToken cancellation)
    {
        using var rows = SqlRows.Open(connection, statement, rowLimit);
        using var json = new Utf8JsonWriter(buffer, JsonText.Options);
        json.WriteStartObject();
        Columns(json, rows);
        json.WriteStartArray("rows"u8);
        while (rows.Read())
        {
            json.WriteStartArray();
            for (var i = 0; i < rows.Columns.Count; i++)
            {
                if (rows.IsNull(i)) json.WriteNullValue();
                else Value(json, rows, i);
            }

            json.WriteEndArray();
            if (json.BytesPending < 8192) continue;
            json.Flush();
            FlushIfFull(buffer, cancellation);
        }

        json.WriteEndArray();
        json.WriteBoolean("truncated"u8, rows.IsTruncated);
        json.WriteEndObject();
    }

    private static void Columns(Utf8JsonWriter json, SqlRows rows)
    {
        json.WriteStartArray("columns"u8);
        foreach (var column in rows.Columns)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, column.Name);
            json.WriteString("type"u8, column.Type);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Value(Utf8JsonWriter json, SqlRows rows, int column)
    {
        switch (rows.Columns[column].Kind)
        {
            case SqlColumnKind.Boolean:
                json.WriteBooleanValue(rows.Boolean(column));
                break;
            case SqlColumnKind.Integer:
                json.WriteNumberValue(rows.Int64(column));
                break;
            case SqlColumnKind.Digits:
                json.WriteRawValue(rows.Text(column), skipInputValidation: true);
                break;
            case SqlColumnKind.Float when float.IsFinite(rows.Float(column)):
                json.WriteNumberValue(rows.Float(column));
                break;
            case SqlColumnKind.Float:
                JsonText.Double(json, rows.Float(column));
                break;
            case SqlColumnKind.Double:
                JsonText.Double(json, rows.Double(column));
                break;
            case SqlColumnKind.Time:
                JsonText.Rfc3339(json, rows.Int64(column));
                break;
            case SqlColumnKind.Json:
                Json(json, rows.Text(column));
                break;
            default:
                json.WriteStringValue(rows.Text(column));
                break;
        }
    }

    /// <summary>DuckDB writes NaN and infinity inside lists in a way that is not JSON: such a value goes out as one string.</summary>
    private static void Json(Utf8JsonWriter json, string text)
    {
        if (IsJson(text)) json.WriteRawValue(text, skipInputValidation: true);
        else json.WriteStringValue(text);
    }

    private static bool IsJson(string text)
    {
        var reader = new Utf8JsonReader(System.Text.Encoding.UTF8.GetBytes(text));
        try
        {
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
