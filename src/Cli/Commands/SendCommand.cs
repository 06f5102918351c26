using System.CommandLine;
using System.Globalization;
using DataLayer.Cli.Input;
using DataLayer.Cli.Render;
using DataLayer.Cli.Sending;
using DataLayer.Cli.Terminals;
using DataLayer.Client.Ingest;

namespace DataLayer.Cli.Commands;

/// <summary><c>send</c>: one sample, those of a file, or an event; done when the daemon has acked them.</summary>
internal static class SendCommand
{
    public static Command Create(CliContext cli)
    {
        var name = new Argument<string?>("name") { Description = "The metric's name", Arity = ArgumentArity.ZeroOrOne };
        var value = new Argument<string?>("value") { Description = "A number", Arity = ArgumentArity.ZeroOrOne };
        var labels = LabelOption.Create("A label of the series");
        var time = new Option<string>("--time") { Description = "When: RFC 3339, Unix seconds, or relative", HelpName = "time", DefaultValueFactory = _ => "now" };
        var quality = new Option<string?>("--quality") { Description = "How far to trust it, 0 to 1 [default 1]", HelpName = "q" };
        var file = new Option<string?>("--file", "-f") { Description = "Samples from a file, or - for stdin", HelpName = "path" };
        var format = new Option<string?>("--format") { Description = "Of the file: msgpack, csv or lines [default: by its name]", HelpName = "format" };
        format.CompletionSources.Add("msgpack", "csv", "lines");
        var agent = new Option<string?>("--agent") { Description = "A name under which each batch is stored exactly once; one sender at a time may use it", HelpName = "name" };
        var type = new Option<string?>("--event") { Description = "An event of this type, instead of a sample", HelpName = "type" };
        var source = new Option<string?>("--source") { Description = "Of the event: who tells it", HelpName = "source" };
        var fields = new Option<string[]>("--field") { Description = "Of the event: part of its document; the value is JSON or text. id names it, lat and lon place it", HelpName = "key=value", AllowMultipleArgumentsPerToken = false, DefaultValueFactory = _ => [] };
        var command = new ExampledCommand(
            "send",
            "Sends samples and waits until they are on the daemon's disk.",
            "datalayer send room_temperature 21.5 --label room=kitchen",
            "datalayer send --file samples.csv",
            "curl -s localhost:9100/metrics | datalayer send --file - --format lines",
            "datalayer send --file capture.msgpack --agent importer",
            "datalayer send --event deploy --source ci --field version=1.2.0 --field lat=52.52 --field lon=13.40")
        {
            Notes =
            [
                "csv      a header with name and value, and maybe time, quality and labels; every other column is a label",
                "lines    name{key=\"value\"} value [time], as Prometheus and OpenMetrics show them; times are Unix seconds",
                "msgpack  messages of the protocol, back to back",
                "Exit code 1: some were refused; stderr says which and why. The others are stored.",
            ],
        };
        foreach (var argument in (Argument[])[name, value]) command.Add(argument);
        foreach (var option in (Option[])[labels, time, quality, file, format, agent, type, source, fields]) command.Add(option);
        command.SetAction(async (result, cancellation) =>
        {
            var options = cli.ClientOptions(result);
            options.Agent = result.GetValue(agent);
            var now = cli.Terminal.Time.GetUtcNow();
            if (result.GetValue(type) is { } eventType)
            {
                if (result.GetValue(name) is not null || result.GetValue(file) is not null) throw CliException.Usage("give one of NAME VALUE, --file and --event");
                using var one = OneEvent(eventType, result.GetValue(source), result.GetValue(fields)!, result.GetValue(time)!, now);
                return await SendAsync(cli.Terminal, options, one, null, null, cancellation, "event");
            }

            if (result.GetValue(source) is not null || result.GetValue(fields)!.Length > 0) throw CliException.Usage("--source and --field are an event's: give --event");
            if (result.GetValue(file) is { } path)
            {
                if (result.GetValue(name) is not null) throw CliException.Usage("give either NAME VALUE or --file");
                using var source = OpenFile(cli.Terminal, path, result.GetValue(format), now, out var totalBytes, out var position);
                return await SendAsync(cli.Terminal, options, source, totalBytes, position, cancellation);
            }

            var line = OneSample(result.GetValue(name), result.GetValue(value), result.GetValue(labels)!, result.GetValue(time)!, result.GetValue(quality));
            using var sample = new CsvSource(new StringReader(line), now);
            return await SendAsync(cli.Terminal, options, sample, null, null, cancellation);
        });
        return command;
    }

    private static EventSource OneEvent(string type, string? source, string[] fields, string time, DateTimeOffset now)
    {
        if (!TimeText.TryParse(time, now, out var micros)) throw CliException.Usage($"--time: '{time}' is none; {TimeText.Expected}");
        var document = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (key, value) in fields.Select(EventSource.Field)) document[key] = value;
        return new EventSource(new Client.AgentEvent(type, source ?? "", document, DateTimeOffset.UnixEpoch.AddMicroseconds(micros)), now);
    }

    /// <summary>The arguments as CSV, so that there is one way in.</summary>
    private static string OneSample(string? name, string? value, List<KeyValuePair<string, string>> labels, string time, string? quality)
    {
        if (name is null || value is null) throw CliException.Usage("give NAME VALUE, or --file; see datalayer send --help");
        if (!SampleText.TryValue(value, out _)) throw CliException.Usage(SampleText.NotANumber(value));
        if (!TimeText.TryParse(time, DateTimeOffset.UtcNow, out _)) throw CliException.Usage($"--time: '{time}' is none; {TimeText.Expected}");
        if (quality is not null && !(float.TryParse(quality, NumberStyles.Float, CultureInfo.InvariantCulture, out var q) && q is >= 0 and <= 1))
            throw CliException.Usage($"--quality: '{quality}' is not a number from 0 to 1");
        var json = System.Text.Json.JsonSerializer.Serialize(labels.GroupBy(l => l.Key, StringComparer.Ordinal).ToDictionary(l => l.Key, l => l.Last().Value));
        return "name,value,time,quality,labels\n" + CsvText.Line([name, value, time, quality ?? "", json]);
    }

    private static MessageSource OpenFile(Terminal terminal, string path, string? format, DateTimeOffset now, out long? totalBytes, out Func<long>? position)
    {
        (totalBytes, position) = (null, null);
        format ??= path == "-" ? null : MessageSource.FormatOf(path);
        if (format is null) throw CliException.Usage($"--format: say what {(path == "-" ? "stdin" : path)} holds: msgpack, csv or lines");
        if (path == "-") return MessageSource.Open(format, terminal.OpenInput(), now);
        FileStream stream;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1 << 16, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CliException.Usage($"--file: cannot read {path}: {(e is FileNotFoundException or DirectoryNotFoundException ? "no such file" : e.Message)}");
        }

        totalBytes = stream.Length;
        position = () => stream.CanRead ? stream.Position : stream.Length;
        return MessageSource.Open(format, stream, now);
    }

    private static async Task<int> SendAsync(
        Terminal terminal, Client.DataLayerClientOptions options, MessageSource source, long? totalBytes, Func<long>? position, CancellationToken cancellation, string noun = "sample")
    {
        // A daemon that is not there is told at once; one that goes away later gets time to come back.
        await using (await IngestConnection.ConnectAsync(options, cancellation))
        {
        }

        var started = terminal.Time.GetTimestamp();
        await using var sender = new BatchSender(options);
        var feeder = new Feeder(source, sender, options.BatchBytes, terminal);
        if (terminal.IsErrorTerminal && totalBytes is not null) await SendProgress.RunAsync(terminal, feeder, totalBytes.Value, position!, cancellation);
        else await feeder.RunAsync(cancellation);
        Report(terminal, feeder, terminal.Time.GetElapsedTime(started), noun);
        return feeder.Refused == 0 ? ExitCodes.Ok : ExitCodes.Negative;
    }

    private static void Report(Terminal terminal, Feeder feeder, TimeSpan took, string noun)
    {
        if (feeder.UntoldFaults > 0) terminal.WriteErrorLine($"… and {Numbers.Count(feeder.UntoldFaults)} more");
        var acked = feeder.Acked == 1 ? $"1 {noun} acked" : $"{Numbers.Count(feeder.Acked)} {noun}s acked";
        var rate = terminal.IsOutTerminal && feeder.Acked > 1000 ? $"  {Numbers.Duration(took.TotalMicroseconds)}, {Numbers.Human(feeder.Acked / took.TotalSeconds)}/s" : "";
        var refused = feeder.Refused == 0 ? "" : $", {Numbers.Count(feeder.Refused)} refused";
        terminal.WriteLine(new Piece(acked, feeder.Acked > 0 ? "green" : null), new Piece(refused, "red"), new Piece(rate, "dim"));
    }
}
