using System.CommandLine;
using System.Text.Json;
using DataLayer.Cli.Render;
using DataLayer.Cli.Terminals;

namespace DataLayer.Cli.Commands;

/// <summary><c>engine</c>: the databases that the daemon fills: how they are, and orders to them.</summary>
internal static class EngineCommand
{
    public static Command Create(CliContext cli)
    {
        var command = new ExampledCommand("engine", "Shows and steers the databases that the daemon fills.", "datalayer engine list", "datalayer engine pause warehouse", "datalayer engine rewind warehouse --to oldest")
        {
            List(cli),
            DeadLetters(cli),
            Order(cli, "pause", "Stops writing to an engine; the log is kept for it."),
            Order(cli, "resume", "Goes on after a pause."),
            Order(cli, "rebuild", "Gives an engine all that the lake holds, then goes on from there."),
            Order(cli, "detach", "Lets an engine go: the log is no longer kept for it. A rebuild fills it again."),
            Rewind(cli),
            Reload(cli),
        };
        return command;
    }

    private static ExampledCommand List(CliContext cli)
    {
        var format = new FormatOptions(hasCsv: false);
        var command = new ExampledCommand("list", "Shows each engine, where it stands and what ails it.", "datalayer engine list", "datalayer engine list --json");
        format.AddTo(command);
        command.SetAction(async (result, cancellation) =>
        {
            using var http = cli.OpenHttp(result);
            using var answer = await http.GetJsonAsync("api/v1/engines", cancellation);
            var engines = answer.RootElement.GetProperty("engines").EnumerateArray().ToList();
            if (format.Of(result) == OutputFormat.Json) cli.Terminal.WriteLine(answer.RootElement.GetRawText());
            else Write(cli.Terminal, engines);
            return engines.TrueForAll(engine => engine.GetProperty("state").GetString() == "healthy") ? ExitCodes.Ok : ExitCodes.Negative;
        });
        return command;
    }

    private static void Write(Terminal terminal, List<JsonElement> engines)
    {
        if (engines.Count == 0)
        {
            terminal.WriteLine("no engine beside the lake is configured; docs/engines.md shows how");
            return;
        }

        var table = new TextTable().Text("engine", "kind", "state", "feed").Number("position", "lag", "behind", "samples/s", "written", "refused");
        foreach (var engine in engines)
        {
            var state = engine.GetProperty("state").GetString()!;
            table.Add(
                new Piece(engine.GetProperty("name").GetString()!, "bold"),
                engine.GetProperty("kind").GetString()!,
                new Piece(state, state == "healthy" ? "green" : state == "degraded" ? "yellow" : "red"),
                engine.GetProperty("feed").GetString()!,
                Numbers.Count(engine.GetProperty("position").GetInt64()),
                Numbers.Count(engine.GetProperty("lagSamples").GetInt64()),
                Numbers.Duration(engine.GetProperty("lagSeconds").GetDouble() * 1e6),
                Numbers.Human(engine.GetProperty("samplesPerSecond").GetDouble()),
                Numbers.Count(engine.GetProperty("samplesWritten").GetInt64()),
                Numbers.Count(engine.GetProperty("deadLetters").GetInt64()));
        }

        table.WriteTo(terminal);
        foreach (var engine in engines)
        {
            foreach (var key in (ReadOnlySpan<string>)["detail", "doing"])
            {
                if (engine.TryGetProperty(key, out var text)) terminal.WriteLine(new Piece($"  {text.GetString()}", "yellow"));
            }
        }
    }

    private static ExampledCommand DeadLetters(CliContext cli)
    {
        var name = Name();
        var command = new ExampledCommand("dead-letters", "Shows the samples that an engine refused, one JSON object a line, and why.", "datalayer engine dead-letters warehouse") { name };
        command.SetAction(async (result, cancellation) =>
        {
            using var http = cli.OpenHttp(result);
            await foreach (var line in http.LinesAsync($"api/v1/engines/{Uri.EscapeDataString(result.GetValue(name)!)}/dead-letters", cancellation)) cli.Terminal.WriteLine(line);
            return ExitCodes.Ok;
        });
        return command;
    }

    private static ExampledCommand Order(CliContext cli, string order, string description)
    {
        var name = Name();
        var command = new ExampledCommand(order, description, $"datalayer engine {order} warehouse") { name };
        command.SetAction((result, cancellation) => PostAsync(cli, result, $"{Uri.EscapeDataString(result.GetValue(name)!)}/{order}", cancellation));
        return command;
    }

    private static ExampledCommand Rewind(CliContext cli)
    {
        var name = Name();
        var to = new Option<string>("--to") { Description = "The LSN to go back to, or oldest: as far as the log goes", HelpName = "lsn", Required = true };
        var command = new ExampledCommand("rewind", "Writes to an engine again from a place in the log on; what it has stays one.", "datalayer engine rewind warehouse --to 120000") { name, to };
        command.SetAction((result, cancellation) => PostAsync(cli, result, $"{Uri.EscapeDataString(result.GetValue(name)!)}/rewind?to={Uri.EscapeDataString(result.GetValue(to)!)}", cancellation));
        return command;
    }

    private static ExampledCommand Reload(CliContext cli)
    {
        var command = new ExampledCommand("reload", "Reads the configuration's list of engines again, without a restart.", "datalayer engine reload");
        command.SetAction((result, cancellation) => PostAsync(cli, result, "reload", cancellation));
        return command;
    }

    private static Argument<string> Name() => new("name") { Description = "The engine's name in the configuration" };

    private static async Task<int> PostAsync(CliContext cli, ParseResult result, string path, CancellationToken cancellation)
    {
        using var http = cli.OpenHttp(result);
        using var answer = await http.PostAsync("api/v1/engines/" + path, cancellation);
        var done = answer.RootElement.GetProperty("done");
        if (done.ValueKind == JsonValueKind.String) cli.Terminal.WriteLine(done.GetString()!);
        else if (done.GetArrayLength() == 0) cli.Terminal.WriteLine("nothing has changed");
        else foreach (var line in done.EnumerateArray()) cli.Terminal.WriteLine(line.GetString()!);
        return ExitCodes.Ok;
    }
}
