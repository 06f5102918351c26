using System.Buffers;
using System.Text.Json;
using DuckDB.NET.Data;

namespace DataLayer.Query.Sql;

/// <summary>
/// Lets through one SELECT (WITH, VALUES, FROM, TABLE, DESCRIBE, SUMMARIZE, SHOW TABLES, EXPLAIN of one) over the views, and nothing else. DuckDB's own parser decides:
/// <c>json_serialize_sql</c> takes only SELECT statements, and in its tree every table must be a view or a CTE and every table function one of a few that read
/// nothing. The database refuses files and settings as well (see <see cref="SqlDatabase"/>): two locks, either of which holds alone. Stateless but for the connection's thread.
/// </summary>
internal static class SqlGuard
{
    private const int LengthMax = 1 << 20;

    // DuckDB's max_expression_depth is 1,000, and an expression takes up to four levels of JSON.
    private const int DepthMax = 4096;

    /// <summary>What runs for SHOW TABLES: DuckDB's own answer would name our internal tables too.</summary>
    private const string ShowTables = "SELECT unnest(['events', 'rollup_1h', 'rollup_1m', 'samples', 'series']) AS name";

    private static readonly SearchValues<char> PathCharacters = SearchValues.Create("./\\:*?[");

    private static readonly HashSet<string> Views = new(StringComparer.OrdinalIgnoreCase) { "samples", "series", "rollup_1m", "rollup_1h", "events" };

    private static readonly HashSet<string> TableFunctions = new(StringComparer.OrdinalIgnoreCase) { "range", "generate_series", "unnest", "repeat", "repeat_row" };

    /// <summary>Scalar functions with effects, or that tell about the daemon instead of the data.</summary>
    private static readonly HashSet<string> RefusedFunctions = new(StringComparer.OrdinalIgnoreCase)
    {
        "write_log", "nextval", "currval", "getenv", "getvariable", "current_setting", "txid_current", "set_config", "pg_sleep", "sleep_ms", "read_blob", "read_text",
    };

    private static readonly HashSet<string> PlainColumns = new(StringComparer.OrdinalIgnoreCase) { "time", "value", "quality" };

    private static readonly HashSet<string> ShownLists = new(StringComparer.OrdinalIgnoreCase) { "", "\"tables\"" };

    /// <summary>Throws <see cref="QueryException"/> for a statement that may not run or cannot be parsed.</summary>
    public static SqlStatement Check(DuckDBConnection connection, string sql)
    {
        if (string.IsNullOrWhiteSpace(sql)) throw QueryException.BadRequest("the body is empty: send one SELECT statement");
        if (sql.Length > LengthMax) throw QueryException.BadRequest($"the statement has {sql.Length:N0} characters; {LengthMax:N0} are allowed");
        if (sql.Contains('\0', StringComparison.Ordinal)) throw QueryException.BadRequest("the statement contains a NUL character");
        var body = SkipExplain(sql);
        using var tree = Parse(connection, body);
        var root = tree.RootElement;
        if (root.GetProperty("error").GetBoolean()) throw QueryException.BadRequest(Refusal(root));
        var statements = root.GetProperty("statements");
        if (statements.GetArrayLength() != 1) throw QueryException.BadRequest($"{statements.GetArrayLength()} statements were sent; send one");
        var found = new Findings();
        CollectCtes(statements[0], found);
        Walk(statements[0], found);
        var text = found.ShowsTables ? ShowTables : Bare(connection, body, tree);
        if (body.Length < sql.Length) text = string.Concat(sql.AsSpan(0, sql.Length - body.Length), text);
        return new SqlStatement(text, found.UsesSamples, found.UsesRollups, found.UsesEvents, found.NeedsNames, body.Length < sql.Length);
    }

    /// <summary>The statement without semicolons and comments, so that it can stand in parentheses: from DuckDB's own tree where a glance does not tell.</summary>
    private static string Bare(DuckDBConnection connection, string sql, JsonDocument tree)
    {
        var text = sql.AsSpan().TrimEnd().TrimEnd(';');
        if (!text.ContainsAny(';', '-', '/') || (!text.Contains(';') && !text.Contains("--", StringComparison.Ordinal) && !text.Contains("/*", StringComparison.Ordinal)))
            return text.ToString();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT json_deserialize_sql($1::VARCHAR::JSON)";
        command.Parameters.Add(new DuckDBParameter(tree.RootElement.GetRawText()));
        return (string)command.ExecuteScalar()!;
    }

    private static JsonDocument Parse(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT json_serialize_sql($1::VARCHAR)";
        command.Parameters.Add(new DuckDBParameter(sql));
        var text = (string)(command.ExecuteScalar() ?? throw QueryException.BadRequest("the statement cannot be parsed"));
        try
        {
            return JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = DepthMax });
        }
        catch (JsonException e)
        {
            throw new QueryException(QueryErrorKind.BadRequest, "the statement is nested too deep", e);
        }
    }

    private static string Refusal(JsonElement root)
    {
        var message = root.GetProperty("error_message").GetString() ?? "";
        return root.GetProperty("error_type").GetString() == "not implemented"
            ? "only SELECT statements can be run here (also WITH, VALUES, FROM, DESCRIBE, SUMMARIZE, SHOW TABLES and EXPLAIN; not PIVOT): data are read-only"
            : "the statement cannot be parsed: " + message;
    }

    /// <summary>EXPLAIN cannot be serialized; it is taken off, and what it explains is checked like a statement of its own.</summary>
    private static string SkipExplain(string sql)
    {
        var rest = sql.AsSpan().TrimStart();
        if (!TakeWord(ref rest, "explain")) return sql;
        TakeWord(ref rest, "analyze");
        return rest.ToString();
    }

    private static bool TakeWord(ref ReadOnlySpan<char> text, string word)
    {
        if (!text.StartsWith(word, StringComparison.OrdinalIgnoreCase) || text.Length == word.Length || !char.IsWhiteSpace(text[word.Length])) return false;
        text = text[word.Length..].TrimStart();
        return true;
    }

    private static void CollectCtes(JsonElement element, Findings found)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray()) CollectCtes(item, found);
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in element.EnumerateObject())
            {
                if (property.NameEquals("cte_map") && property.Value.TryGetProperty("map", out var map))
                {
                    foreach (var cte in map.EnumerateArray()) AddCte(found, cte.GetProperty("key").GetString() ?? "");
                }

                CollectCtes(property.Value, found);
            }
        }
    }

    /// <summary>A CTE's name must not look like a file: out of its scope DuckDB would take it for one.</summary>
    private static void AddCte(Findings found, string name)
    {
        if (name.Length == 0 || name.AsSpan().ContainsAny(PathCharacters)) throw QueryException.BadRequest($"'{name}' cannot be the name of a CTE here");
        found.Ctes.Add(name);
    }

    private static void Walk(JsonElement element, Findings found)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray()) Walk(item, found);
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            CheckNode(element, found);
            foreach (var property in element.EnumerateObject()) Walk(property.Value, found);
        }
    }

    private static void CheckNode(JsonElement node, Findings found)
    {
        if (!node.TryGetProperty("type", out var typeProperty) || typeProperty.ValueKind != JsonValueKind.String) return;
        switch (typeProperty.GetString())
        {
            case "BASE_TABLE":
                CheckTable(node, found);
                break;
            case "SHOW_REF":
                found.NeedsNames = true;
                CheckShow(node, found);
                break;
            case "TABLE_FUNCTION":
                CheckTableFunction(node);
                break;
            case "FUNCTION" or "WINDOW_AGGREGATE" when Text(node, "function_name") is var name && RefusedFunctions.Contains(name):
                throw QueryException.BadRequest($"the function {name} cannot be used here");
            case "COLUMN_REF":
                found.NeedsNames |= !IsPlainColumn(node);
                break;
            case "STAR" or "POSITIONAL_REFERENCE":
                found.NeedsNames = true;
                break;
            case "JOIN":
                found.NeedsNames |= Text(node, "ref_type") == "NATURAL" || (node.TryGetProperty("using_columns", out var columns) && columns.GetArrayLength() > 0);
                break;
            case "BOUND_REF" or "DELIM_GET" or "PIVOT" or "CONSTANT_EXPRESSION_LIST" or "BOX_RENDERER":
                throw QueryException.BadRequest($"{typeProperty.GetString()} cannot be used here");
            default:
                break;
        }
    }

    private static void CheckTable(JsonElement node, Findings found)
    {
        var (catalog, schema, table) = (Text(node, "catalog_name"), Text(node, "schema_name"), Text(node, "table_name"));
        if (catalog.Length == 0 && schema.Length == 0 && found.Ctes.Contains(table)) return;
        if (catalog.Length > 0 || schema.Length > 0 || !Views.Contains(table))
        {
            var full = string.Join('.', new[] { catalog, schema, table }.Where(part => part.Length > 0));
            throw QueryException.BadRequest($"there is no table '{full}'; the tables are samples, series, rollup_1m, rollup_1h and events");
        }

        found.UsesSamples |= table.Equals("samples", StringComparison.OrdinalIgnoreCase);
        found.UsesRollups |= table.StartsWith("rollup", StringComparison.OrdinalIgnoreCase);
        found.UsesEvents |= table.Equals("events", StringComparison.OrdinalIgnoreCase);
    }

    private static void CheckShow(JsonElement node, Findings found)
    {
        var table = Text(node, "table_name");
        found.ShowsTables |= table == "\"tables\"";
        if (!ShownLists.Contains(table) && !Views.Contains(table.Trim('"'))) throw QueryException.BadRequest($"SHOW {table} cannot be used here; use SHOW TABLES or DESCRIBE");
    }

    private static void CheckTableFunction(JsonElement node)
    {
        var name = node.TryGetProperty("function", out var function) ? Text(function, "function_name") : "";
        if (!TableFunctions.Contains(name)) throw QueryException.BadRequest($"the table function '{name}' cannot be used here; the tables are samples, series, rollup_1m, rollup_1h and events");
    }

    private static bool IsPlainColumn(JsonElement node)
    {
        if (!node.TryGetProperty("column_names", out var names)) return false;
        foreach (var part in names.EnumerateArray())
        {
            if (!PlainColumns.Contains(part.GetString() ?? "")) return false;
        }

        return true;
    }

    private static string Text(JsonElement node, string property) =>
        node.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : "";

    private sealed class Findings
    {
        public HashSet<string> Ctes { get; } = new(StringComparer.OrdinalIgnoreCase);

        public bool UsesSamples { get; set; }

        public bool UsesRollups { get; set; }

        public bool UsesEvents { get; set; }

        public bool NeedsNames { get; set; }

        public bool ShowsTables { get; set; }
    }
}
