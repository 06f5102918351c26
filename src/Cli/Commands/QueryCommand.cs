using System.CommandLine;
using DataLayer.Cli.Render;
using DataLayer.Cli.Terminals;
using DataLayer.Client.Http;

namespace DataLayer.Cli.Commands;

/// <summary><c>query NAME</c>: samples of the series that match, as a table, a chart, JSON or CSV.</summary>
internal static class QueryCommand
{
    private const int ChartHeight = 14;

    public static Command Create(CliContext cli)
    {
        var name = new Argument<string>("name") { Description = "The metric's name" };
        var labels = LabelOption.Create("Only series with this label; an empty value: without it");
        var start = new Option<string>("--start") { Description = "From when: RFC 3339, Unix seconds, or relative", HelpName = "time", DefaultValueFactory = _ => "-1h" };
        var end = new Option<string>("--end") { Description = "Until when", HelpName = "time", DefaultValueFactory = _ => "now" };
        var step = new Option<string?>("--step") { Description = "One point for each: 15s, 1m, 1h", HelpName = "duration" };
        var agg = new Option<string?>("--agg") { Description = "How: avg, sum, min, max, count, first, last, rate, p50 … p999", HelpName = "how" };
        agg.CompletionSources.Add("avg", "sum", "min", "max", "count", "first", "last", "rate", "p50", "p90", "p95", "p99", "p999");
        var by = new Option<string?>("--by") { Description = "Series with the same values of these labels as one (avg, sum, min, max, count)", HelpName = "label,…" };
        var top = new Option<int?>("--top") { Description = "Only so many series, those with the greatest value of --agg", HelpName = "n" };
        var engine = new Option<string?>("--engine") { Description = "Only what this engine holds: lake, or a configured name", HelpName = "name" };
        var limit = new Option<int?>("--limit") { Description = "Samples at most [default 10000]", HelpName = "n" };
        var format = new FormatOptions(hasChart: true);
        var command = new ExampledCommand(
            "query",
            "Shows the samples of a metric.",
            "datalayer query cpu_usage",
            "datalayer query cpu_usage --label host=web1 --start -15m --step 10s --agg max",
            "datalayer query cpu_usage --step 1m --chart",
            "datalayer query cpu_usage --start -1d --agg avg --top 10",
            "datalayer query cpu_usage --step 1m --agg avg --by region",
            "datalayer query cpu_usage --start 2026-11-23T12:00:00Z --end 2026-11-23T13:00:00Z --csv > cpu.csv") { name, labels, start, end, step, agg, by, top, engine, limit };
        format.AddTo(command);
        command.SetAction(async (result, cancellation) =>
        {
            using var http = cli.OpenHttp(result);
            var request = new SamplesRequest
            {
                Name = result.GetValue(name),
                Labels = result.GetValue(labels)!,
                Start = result.GetValue(start),
                // Without --end, nothing is left out: a sample may be a little ahead of this clock.
                End = result.GetResult(end) is { Implicit: false } ? result.GetValue(end) : null,
                Step = result.GetValue(step),
                Aggregation = result.GetValue(agg),
                By = result.GetValue(by),
                Top = result.GetValue(top),
                Engine = result.GetValue(engine),
                Limit = result.GetValue(limit),
            };
            var answer = await http.SamplesAsync(request, cancellation);
            return Write(cli.Terminal, answer, format.Of(result), request);
        });
        return command;
    }

    internal static int Write(Terminal terminal, QueryResult answer, OutputFormat format, SamplesRequest request)
    {
        switch (format)
        {
            case OutputFormat.Json:
                terminal.WriteLine(SamplesJson.Of(answer));
                break;
            case OutputFormat.Csv:
                WriteCsv(terminal, answer);
                break;
            case OutputFormat.Chart:
                WriteChart(terminal, answer);
                break;
            default:
                WriteTable(terminal, answer);
                break;
        }

        if (answer.IsTruncated) terminal.WriteErrorLine(new Piece("there is more: ", "yellow"), "raise --limit, shorten the time, or add --step");
        if (answer.Series.Count > 0) return ExitCodes.Ok;
        terminal.WriteErrorLine($"no samples of {SeriesText.Of(request.Name ?? "", request.Labels)} in this time; `datalayer series {request.Name}` shows what there is");
        return ExitCodes.Negative;
    }

    private static void WriteTable(Terminal terminal, QueryResult answer)
    {
        if (answer.Series.Count == 0) return;
        // A person wants what differs, a program all there is.
        var keys = terminal.IsOutTerminal ? SeriesText.Differing(answer.Series) : Keys(answer);
        if (terminal.IsOutTerminal) WriteTitle(terminal, answer, keys);
        var table = new TextTable().Text([terminal.IsOutTerminal ? "time (UTC)" : "time", .. keys]).Number("value");
        foreach (var series in answer.Series)
        {
            var labels = keys.Select(k => (Piece)series.Labels.GetValueOrDefault(k, "")).ToArray();
            foreach (var point in series.Samples) table.Add([TimeCell(terminal, point), .. labels, ValueCell(terminal, point.Value)]);
        }

        table.WriteTo(terminal);
    }

    private static void WriteTitle(Terminal terminal, QueryResult answer, List<string> differing)
    {
        var first = answer.Series[0];
        var names = answer.Series.Select(s => s.Name).Distinct(StringComparer.Ordinal).ToList();
        var common = first.Labels.Where(l => !differing.Contains(l.Key));
        var count = answer.Series.Count == 1 ? "" : $"  {Numbers.Count(answer.Series.Count)} series";
        terminal.WriteLine(new Piece(names.Count == 1 ? TextTable.OneLine(names[0]) : $"{names.Count} names", "bold"), SeriesText.Labels(common), new Piece(count, "dim"));
    }

    private static List<string> Keys(QueryResult answer) =>
        answer.Series.SelectMany(s => s.Labels.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();

    private static Piece TimeCell(Terminal terminal, SamplePoint point) =>
        terminal.IsOutTerminal ? new Piece(Times.Plain(point.TimeUnixMicros), "dim") : new Piece(Times.Rfc3339(point.TimeUnixMicros));

    private static Piece ValueCell(Terminal terminal, double value) => terminal.IsOutTerminal ? Numbers.Short(value) : Numbers.Exact(value);

    private static void WriteCsv(Terminal terminal, QueryResult answer)
    {
        var keys = Keys(answer);
        terminal.Out.Write(CsvText.Line(["name", .. keys, "time", "value"]) + "\n");
        foreach (var series in answer.Series)
        {
            string[] start = [series.Name, .. keys.Select(k => series.Labels.GetValueOrDefault(k, ""))];
            foreach (var point in series.Samples) terminal.Out.Write(CsvText.Line([.. start, Times.Rfc3339(point.TimeUnixMicros), Numbers.Exact(point.Value)]) + "\n");
        }

        terminal.Out.Flush();
    }

    /// <summary>One chart for the few series that colours can tell apart; a line of bars for each of many. Without colours, a chart for each.</summary>
    private static void WriteChart(Terminal terminal, QueryResult answer)
    {
        if (answer.Series.Count == 0) return;
        var width = Math.Clamp(terminal.Width, 40, 160);
        if (answer.Series.Count > LineChart.MaxSeries)
        {
            WriteSparklines(terminal, answer, width);
            return;
        }

        var height = Math.Clamp(terminal.Height - 10, 6, ChartHeight);
        IReadOnlyList<SeriesResult>[] charts = terminal.IsOutTerminal && terminal.HasColor ? [answer.Series] : [.. answer.Series.Select(s => (IReadOnlyList<SeriesResult>)[s])];
        foreach (var chart in charts)
        {
            if (chart.Count == 1) terminal.WriteLine(new Piece(TextTable.OneLine(chart[0].Name), "bold"), SeriesText.Labels(chart[0].Labels));
            foreach (var line in new LineChart(chart, width, height).Render()) terminal.WriteLine(line);
        }
    }

    private static void WriteSparklines(Terminal terminal, QueryResult answer, int width)
    {
        var keys = SeriesText.Differing(answer.Series);
        var table = new TextTable().Text([.. keys, ""]).Number("min", "max", "last");
        foreach (var series in answer.Series)
        {
            var values = series.Samples.Select(p => p.Value).ToList();
            var finite = values.Where(double.IsFinite).DefaultIfEmpty(double.NaN).ToList();
            table.Add([
                .. keys.Select(k => (Piece)series.Labels.GetValueOrDefault(k, "")),
                new Piece(Sparkline.Of(values, width / 2), "green"),
                Numbers.Human(finite.Min()),
                Numbers.Human(finite.Max()),
                Numbers.Human(values[^1])]);
        }

        WriteTitle(terminal, answer, keys);
        table.WriteTo(terminal);
    }
}
