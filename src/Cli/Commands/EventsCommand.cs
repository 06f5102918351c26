using System.CommandLine;
using System.Text.Json;
using DataLayer.Cli.Render;
using DataLayer.Cli.Terminals;
using DataLayer.Client.Http;

namespace DataLayer.Cli.Commands;

/// <summary><c>events</c>: events by time, type, source and place, as a table, JSON or CSV.</summary>
internal static class EventsCommand
{
    public static Command Create(CliContext cli)
    {
        var start = new Option<string>("--start") { Description = "From when: RFC 3339, Unix seconds, or relative", HelpName = "time", DefaultValueFactory = _ => "-1d" };
        var end = new Option<string?>("--end") { Description = "Until when [default: all there is]", HelpName = "time" };
        var type = new Option<string?>("--type") { Description = "Only events of this type", HelpName = "type" };
        var source = new Option<string?>("--source") { Description = "Only events of this source", HelpName = "source" };
        var near = new Option<string?>("--near") { Description = "Only events at most so far from a place, nearest first", HelpName = "lat,lon,metres" };
        var within = new Option<string?>("--within") { Description = "Only events in this polygon", HelpName = "lat,lon;lat,lon;…" };
        var engine = new Option<string?>("--engine") { Description = "Only what this engine holds: lake, or a configured name", HelpName = "name" };
        var limit = new Option<int?>("--limit") { Description = "Events at most [default 1000]", HelpName = "n" };
        var format = new FormatOptions();
        var command = new ExampledCommand(
            "events",
            "Shows events, newest first.",
            "datalayer events",
            "datalayer events --type deploy --start -7d",
            "datalayer events --near 52.52,13.40,5000",
            "datalayer events --within \"52,13;52,14;53,14;53,13\" --json") { start, end, type, source, near, within, engine, limit };
        format.AddTo(command);
        command.SetAction(async (result, cancellation) =>
        {
            using var http = cli.OpenHttp(result);
            var request = new EventsRequest
            {
                Start = result.GetValue(start),
                End = result.GetValue(end),
                Type = result.GetValue(type),
                Source = result.GetValue(source),
                Near = result.GetValue(near),
                Within = result.GetValue(within),
                Engine = result.GetValue(engine),
                Limit = result.GetValue(limit),
            };
            using var json = await http.GetJsonAsync("api/v1/events" + request.ToQueryString(), cancellation);
            return Write(cli.Terminal, json.RootElement, format.Of(result));
        });
        return command;
    }

    private static int Write(Terminal terminal, JsonElement root, OutputFormat format)
    {
        var events = root.GetProperty("events");
        if (format == OutputFormat.Json) terminal.WriteLine(root.GetRawText());
        else if (format == OutputFormat.Csv) WriteCsv(terminal, events);
        else WriteTable(terminal, events);
        if (root.GetProperty("truncated").GetBoolean()) terminal.WriteErrorLine(new Piece("there is more: ", "yellow"), "raise --limit, or ask for less");
        if (events.GetArrayLength() > 0) return ExitCodes.Ok;
        terminal.WriteErrorLine("no events match");
        return ExitCodes.Negative;
    }

    private static void WriteTable(Terminal terminal, JsonElement events)
    {
        if (events.GetArrayLength() == 0) return;
        var hasDistance = events[0].TryGetProperty("distance", out _);
        var table = new TextTable().Text([terminal.IsOutTerminal ? "time (UTC)" : "time", "type", "source", "id"]);
        if (hasDistance) table = table.Number("metres");
        table = table.Text("document");
        foreach (var one in events.EnumerateArray())
        {
            var micros = AnswerReader.ReadTime(one.GetProperty("time"));
            Piece[] cells =
            [
                terminal.IsOutTerminal ? new Piece(Times.Plain(micros), "dim") : Times.Rfc3339(micros),
                new Piece(Line(one, "type"), "bold"),
                Line(one, "source"),
                new Piece(Line(one, "id"), "dim"),
            ];
            Piece document = TextTable.OneLine(one.GetProperty("document").GetRawText());
            table.Add(hasDistance ? [.. cells, one.GetProperty("distance").GetRawText(), document] : [.. cells, document]);
        }

        table.WriteTo(terminal);
    }

    private static void WriteCsv(Terminal terminal, JsonElement events)
    {
        terminal.Out.Write("time,type,source,id,latitude,longitude,document\n");
        foreach (var one in events.EnumerateArray())
        {
            terminal.Out.Write(CsvText.Line(
            [
                Times.Rfc3339(AnswerReader.ReadTime(one.GetProperty("time"))), Text(one, "type"), Text(one, "source"), Text(one, "id"), Raw(one, "latitude"), Raw(one, "longitude"),
                one.GetProperty("document").GetRawText(),
            ]) + "\n");
        }

        terminal.Out.Flush();
    }

    private static string Line(JsonElement one, string property) => TextTable.OneLine(Text(one, property));

    private static string Text(JsonElement one, string property) => one.GetProperty(property).GetString() ?? "";

    private static string Raw(JsonElement one, string property) => one.TryGetProperty(property, out var value) ? value.GetRawText() : "";
}
