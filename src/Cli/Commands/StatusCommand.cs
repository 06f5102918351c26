using System.CommandLine;
using DataLayer.Cli.Render;
using DataLayer.Cli.Terminals;
using DataLayer.Client.Http;

namespace DataLayer.Cli.Commands;

/// <summary><c>status</c>: stages, queues, engines, lag, and whether the conservation law holds.</summary>
internal static class StatusCommand
{
    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(1);

    public static Command Create(CliContext cli)
    {
        var watch = new Option<bool>("--watch", "-w") { Description = "Show it again every second, until Ctrl+C" };
        var format = new FormatOptions(hasCsv: false);
        var command = new ExampledCommand("status", "Shows how the daemon is.", "datalayer status", "datalayer status --watch", "datalayer status --json | jq .conservation") { watch };
        format.AddTo(command);
        command.SetAction(async (result, cancellation) =>
        {
            using var http = cli.OpenHttp(result);
            var json = format.Of(result) == OutputFormat.Json;
            if (!result.GetValue(watch)) return await ShowAsync(cli.Terminal, http, json, null, cancellation);
            return await WatchAsync(cli.Terminal, http, json, cancellation);
        });
        return command;
    }

    private static async Task<int> WatchAsync(Terminal terminal, HttpApi http, bool json, CancellationToken cancellation)
    {
        StatusReport? last = null;
        using var timer = new PeriodicTimer(WatchInterval, terminal.Time);
        do
        {
            using var answer = await http.GetJsonAsync("api/v1/status", cancellation);
            if (json)
            {
                terminal.WriteLine(answer.RootElement.GetRawText());
                continue;
            }

            var report = new StatusReport(answer.RootElement.Clone(), terminal.Time.GetTimestamp());
            // The upper left corner, and nothing of the last picture.
            if (terminal.IsOutTerminal) terminal.Out.Write("\x1b[H\x1b[2J");
            report.Write(terminal, http.BaseAddress, last);
            if (!terminal.IsOutTerminal) terminal.WriteLine("");
            last = report;
        }
        while (await timer.WaitForNextTickAsync(cancellation));
        return ExitCodes.Ok;
    }

    private static async Task<int> ShowAsync(Terminal terminal, HttpApi http, bool json, StatusReport? last, CancellationToken cancellation)
    {
        using var answer = await http.GetJsonAsync("api/v1/status", cancellation);
        var report = new StatusReport(answer.RootElement.Clone(), terminal.Time.GetTimestamp());
        if (json) terminal.WriteLine(answer.RootElement.GetRawText());
        else report.Write(terminal, http.BaseAddress, last);
        return report.IsGood ? ExitCodes.Ok : ExitCodes.Negative;
    }
}
