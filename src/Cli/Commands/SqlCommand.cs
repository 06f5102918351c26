using System.CommandLine;
using System.Text;
using System.Text.Json;
using DataLayer.Cli.Render;
using DataLayer.Cli.Terminals;

namespace DataLayer.Cli.Commands;

/// <summary><c>sql STATEMENT</c>: DuckDB's SQL over all samples.</summary>
internal static class SqlCommand
{
    private static readonly string[] NumberTypes = ["INT", "DOUBLE", "FLOAT", "DECIMAL", "REAL"];

    public static Command Create(CliContext cli)
    {
        var statement = new Argument<string?>("statement") { Description = "A SELECT over samples, series, rollup_1m, rollup_1h and events; none or -: from stdin", Arity = ArgumentArity.ZeroOrOne };
        var format = new FormatOptions();
        var command = new ExampledCommand(
            "sql",
            "Runs a SQL query (DuckDB's dialect).",
            "datalayer sql \"SELECT name, count(*), max(value) FROM samples GROUP BY name\"",
            "datalayer sql \"SELECT time, value FROM samples WHERE name = 'cpu_usage' AND labels['host'] = 'web1' ORDER BY time\" --csv",
            "datalayer sql < report.sql") { statement };
        format.AddTo(command);
        command.SetAction(async (result, cancellation) =>
        {
            var sql = await StatementAsync(cli.Terminal, result.GetValue(statement), cancellation);
            using var http = cli.OpenHttp(result);
            using var answer = new MemoryStream();
            var asked = format.Of(result);
            await http.SqlAsync(sql, asked == OutputFormat.Csv ? "text/csv" : "application/json", answer, cancellation);
            var text = Encoding.UTF8.GetString(answer.GetBuffer(), 0, (int)answer.Length);
            if (asked == OutputFormat.Csv) cli.Terminal.Out.Write(text.Replace("\r\n", "\n", StringComparison.Ordinal));
            else if (asked == OutputFormat.Json) cli.Terminal.WriteLine(text.TrimEnd());
            else WriteTable(cli.Terminal, text);
            return ExitCodes.Ok;
        });
        return command;
    }

    private static async Task<string> StatementAsync(Terminal terminal, string? given, CancellationToken cancellation)
    {
        if (given is not (null or "-")) return given;
        using var reader = new StreamReader(terminal.OpenInput(), Encoding.UTF8);
        var text = await reader.ReadToEndAsync(cancellation);
        return string.IsNullOrWhiteSpace(text) ? throw CliException.Usage("no statement: give one, or write it to stdin") : text;
    }

    internal static void WriteTable(Terminal terminal, string answer)
    {
        using var json = JsonDocument.Parse(answer);
        var root = json.RootElement;
        var table = new TextTable();
        foreach (var column in root.GetProperty("columns").EnumerateArray())
        {
            var (name, type) = (column.GetProperty("name").GetString()!, column.GetProperty("type").GetString()!);
            if (NumberTypes.Any(t => type.Contains(t, StringComparison.OrdinalIgnoreCase)) && !type.Contains('(') && !type.Contains('[')) table.Number(name);
            else table.Text(name);
        }

        foreach (var row in root.GetProperty("rows").EnumerateArray()) table.Add([.. row.EnumerateArray().Select(cell => Cell(cell, terminal.IsOutTerminal))]);
        table.WriteTo(terminal);
        if (root.TryGetProperty("truncated", out var truncated) && truncated.ValueKind == JsonValueKind.True)
            terminal.WriteErrorLine(new Piece("there is more: ", "yellow"), "add a LIMIT, or aggregate");
        if (terminal.IsOutTerminal) terminal.WriteErrorLine(new Piece(table.RowCount == 1 ? "1 row" : $"{Numbers.Count(table.RowCount)} rows", "dim"));
    }

    private static Piece Cell(JsonElement cell, bool isForEyes) => cell.ValueKind switch
    {
        JsonValueKind.Null => new Piece("NULL", "dim"),
        JsonValueKind.String => cell.GetString()!,
        JsonValueKind.Object when isForEyes => Map(cell),
        JsonValueKind.Number when isForEyes && cell.GetRawText().Contains('.') => Numbers.Short(cell.GetDouble()),
        _ => cell.GetRawText(),
    };

    private static string Map(JsonElement map) => string.Join(' ', map.EnumerateObject().Select(p => $"{p.Name}={p.Value}"));
}
