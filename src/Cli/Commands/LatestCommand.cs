using System.CommandLine;
using DataLayer.Cli.Render;
using DataLayer.Cli.Terminals;
using DataLayer.Client.Http;

namespace DataLayer.Cli.Commands;

/// <summary><c>latest NAME</c>: the last sample of each series that matches.</summary>
internal static class LatestCommand
{
    public static Command Create(CliContext cli)
    {
        var name = new Argument<string?>("name") { Description = "The metric's name; none: all", Arity = ArgumentArity.ZeroOrOne };
        var labels = LabelOption.Create("Only series with this label");
        var engine = new Option<string?>("--engine") { Description = "Only what this engine holds: lake, or a configured name", HelpName = "name" };
        var limit = new Option<int?>("--limit") { Description = "Series at most [default 10000]", HelpName = "n" };
        var format = new FormatOptions();
        var command = new ExampledCommand(
            "latest", "Shows the last value of each series.", "datalayer latest cpu_usage", "datalayer latest cpu_usage --label host=web1 --json") { name, labels, engine, limit };
        format.AddTo(command);
        command.SetAction(async (result, cancellation) =>
        {
            using var http = cli.OpenHttp(result);
            var request = new SamplesRequest { Name = result.GetValue(name), Labels = result.GetValue(labels)!, Limit = result.GetValue(limit), Engine = result.GetValue(engine) };
            var answer = await http.LatestAsync(request, cancellation);
            if (answer.Series.Count == 0 || format.Of(result) != OutputFormat.Table) return QueryCommand.Write(cli.Terminal, answer, format.Of(result), request);
            WriteTable(cli.Terminal, answer);
            if (answer.IsTruncated) cli.Terminal.WriteErrorLine(new Piece("there is more: ", "yellow"), "raise --limit, or name a label");
            return ExitCodes.Ok;
        });
        return command;
    }

    private static void WriteTable(Terminal terminal, QueryResult answer)
    {
        var now = terminal.Time.GetUtcNow();
        var table = new TextTable().Text("series").Number("value");
        table = terminal.IsOutTerminal ? table.Number("when") : table.Text("time");
        foreach (var series in answer.Series.OrderBy(s => SeriesText.Of(s), NaturalOrder.Instance))
        {
            var point = series.Samples[^1];
            table.Add(
                SeriesText.Of(series),
                new Piece(terminal.IsOutTerminal ? Numbers.Short(point.Value) : Numbers.Exact(point.Value), "bold"),
                terminal.IsOutTerminal ? new Piece(Times.Ago(point.TimeUnixMicros, now), "dim") : Times.Rfc3339(point.TimeUnixMicros));
        }

        table.WriteTo(terminal);
    }
}
