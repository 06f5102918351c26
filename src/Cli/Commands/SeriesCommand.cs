using System.CommandLine;
using System.Text.Json;
using DataLayer.Cli.Render;
using DataLayer.Cli.Terminals;
using DataLayer.Client.Http;

namespace DataLayer.Cli.Commands;

/// <summary><c>series [NAME]</c>: which series there are; with <c>--cardinality</c>, which labels make them.</summary>
internal static class SeriesCommand
{
    public static Command Create(CliContext cli)
    {
        var name = new Argument<string?>("name") { Description = "The metric's name; none: all", Arity = ArgumentArity.ZeroOrOne };
        var labels = LabelOption.Create("Only series with this label");
        var cardinality = new Option<bool>("--cardinality") { Description = "How many values each label has: which label makes the series" };
        var limit = new Option<int?>("--limit") { Description = "Lines at most [default 10000]", HelpName = "n" };
        var format = new FormatOptions();
        var command = new ExampledCommand(
            "series",
            "Lists series.",
            "datalayer series",
            "datalayer series cpu_usage --label host=web1",
            "datalayer series --cardinality") { name, labels, cardinality, limit };
        format.AddTo(command);
        command.SetAction(async (result, cancellation) =>
        {
            using var http = cli.OpenHttp(result);
            var request = new SamplesRequest { Name = result.GetValue(name), Labels = result.GetValue(labels)!, Limit = result.GetValue(limit) };
            var isCardinality = result.GetValue(cardinality);
            using var json = await http.GetJsonAsync((isCardinality ? "api/v1/cardinality" : "api/v1/series") + request.ToQueryString(), cancellation);
            if (format.Of(result) == OutputFormat.Json) cli.Terminal.WriteLine(json.RootElement.GetRawText());
            else if (isCardinality) WriteCardinality(cli.Terminal, json.RootElement, format.Of(result));
            else WriteList(cli.Terminal, json.RootElement, format.Of(result));
            return SeriesCount(json.RootElement) > 0 ? ExitCodes.Ok : NoSeries(cli.Terminal, request);
        });
        return command;
    }

    private static int NoSeries(Terminal terminal, SamplesRequest request)
    {
        var asked = request.Name is null && request.Labels.Count == 0 ? "no series yet" : $"no series matches {SeriesText.Of(request.Name ?? "", request.Labels)}";
        terminal.WriteErrorLine(asked);
        return ExitCodes.Negative;
    }

    private static long SeriesCount(JsonElement root)
    {
        var series = root.GetProperty("series");
        return series.ValueKind == JsonValueKind.Array ? series.GetArrayLength() : series.GetInt64();
    }

    private static void WriteList(Terminal terminal, JsonElement root, OutputFormat format)
    {
        var answer = AnswerReader.ReadSamples(root);
        var ordered = answer.Series.OrderBy(s => SeriesText.Of(s), NaturalOrder.Instance);
        if (format == OutputFormat.Csv)
        {
            var keys = answer.Series.SelectMany(s => s.Labels.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
            terminal.Out.Write(CsvText.Line(["name", .. keys]) + "\n");
            foreach (var series in ordered) terminal.Out.Write(CsvText.Line([series.Name, .. keys.Select(k => series.Labels.GetValueOrDefault(k, ""))]) + "\n");
            return;
        }

        foreach (var series in ordered) terminal.WriteLine(new Piece(TextTable.OneLine(series.Name), "bold"), SeriesText.Labels(series.Labels));
        var total = root.GetProperty("total").GetInt64();
        if (total == answer.Series.Count && !terminal.IsOutTerminal) return;
        terminal.WriteErrorLine(new Piece(
            total == answer.Series.Count ? $"{Numbers.Count(total)} series" : $"{Numbers.Count(answer.Series.Count)} of {Numbers.Count(total)} series; raise --limit for more", "dim"));
    }

    private static void WriteCardinality(Terminal terminal, JsonElement root, OutputFormat format)
    {
        if (format == OutputFormat.Csv)
        {
            terminal.Out.Write("label,values,series\n");
            foreach (var label in root.GetProperty("labels").EnumerateArray())
                terminal.Out.Write(CsvText.Line([label.GetProperty("label").GetString()!, label.GetProperty("values").GetRawText(), label.GetProperty("series").GetRawText()]) + "\n");
            return;
        }

        var names = root.GetProperty("names");
        var table = new TextTable().Text("label").Number("values", "series").Text("most");
        table.Add(new Piece("(name)", "dim"), Count(names, "values"), Numbers.Count(root.GetProperty("series").GetInt64()), Most(names));
        foreach (var label in root.GetProperty("labels").EnumerateArray())
            table.Add(new Piece(label.GetProperty("label").GetString()!, "bold"), Count(label, "values"), Count(label, "series"), Most(label));
        table.WriteTo(terminal);
    }

    private static string Count(JsonElement element, string property) => Numbers.Count(element.GetProperty(property).GetInt64());

    private static Piece Most(JsonElement element) => new(
        string.Join("  ", element.GetProperty("top").EnumerateArray().Take(4).Select(t => $"{t.GetProperty("value").GetString()} ×{Numbers.Count(t.GetProperty("series").GetInt64())}")), "dim");
}
