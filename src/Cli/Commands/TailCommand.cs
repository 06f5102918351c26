using System.CommandLine;
using System.Text.Json;
using DataLayer.Cli.Render;
using DataLayer.Cli.Terminals;
using DataLayer.Client;
using DataLayer.Client.Http;

namespace DataLayer.Cli.Commands;

/// <summary><c>tail [NAME]</c>: samples as they arrive.</summary>
internal static class TailCommand
{
    public static Command Create(CliContext cli)
    {
        var name = new Argument<string?>("name") { Description = "The metric's name; none: all", Arity = ArgumentArity.ZeroOrOne };
        var labels = LabelOption.Create("Only series with this label");
        var limit = new Option<long?>("--limit", "-n") { Description = "End after this many samples", HelpName = "n" };
        var format = new FormatOptions(hasCsv: false);
        var command = new ExampledCommand(
            "tail", "Shows samples as they arrive, until Ctrl+C.", "datalayer tail", "datalayer tail cpu_usage --label host=web1", "datalayer tail --json -n 100 | jq .value") { name, labels, limit };
        format.AddTo(command);
        command.SetAction(async (result, cancellation) =>
        {
            using var http = cli.OpenHttp(result);
            var request = new SamplesRequest { Name = result.GetValue(name), Labels = result.GetValue(labels)! };
            var left = result.GetValue(limit) ?? long.MaxValue;
            await foreach (var line in http.LinesAsync("api/v1/tail" + request.ToQueryString(), cancellation))
            {
                if (left-- <= 0) break;
                if (format.Of(result) == OutputFormat.Json) cli.Terminal.WriteLine(line);
                else if (!Write(cli.Terminal, line)) left++;
                if (left == 0) break;
            }

            return ExitCodes.Ok;
        });
        return command;
    }

    /// <summary>False for a line that is no sample.</summary>
    private static bool Write(Terminal terminal, string line)
    {
        using var json = AnswerReader.ParseLine(line);
        if (json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("dropped", out var dropped))
        {
            terminal.WriteErrorLine(new Piece($"{Numbers.Count(dropped.GetInt64())} samples not shown: they come faster than they can be read", "yellow"));
            return false;
        }

        var series = AnswerReader.ReadSeries(json.RootElement);
        if (series.Samples.Count == 0) throw new DataLayerException(FailureKind.BadAnswer, "the answer is none of DataLayer's: a line without a sample");
        var point = series.Samples[0];
        if (terminal.IsOutTerminal)
        {
            var time = Times.At(point.TimeUnixMicros).ToString("HH:mm:ss.fff", System.Globalization.CultureInfo.InvariantCulture);
            terminal.WriteLine(new Piece(time, "dim"), "  ", new Piece(Numbers.Short(point.Value).PadLeft(12), "bold"), "  ", SeriesText.Of(series));
        }
        else
        {
            terminal.WriteLine(Times.Rfc3339(point.TimeUnixMicros), "  ", SeriesText.Of(series), "  ", Numbers.Exact(point.Value));
        }

        return true;
    }
}
