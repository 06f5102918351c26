using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace DataLayer.Cli.Tests;

/// <summary>
/// The README's tour, word for word: each command of its <c>console</c> blocks is run by a shell against a real daemon, and must show what the README shows.
/// In an expected line … stands for any text; a line of … alone stands for any lines.
/// </summary>
public sealed class ReadmeTourTests
{
    [Fact]
    public async Task Tour_each_command_shows_what_the_readme_says()
    {
        var steps = Steps(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md")));
        Assert.True(steps.Count >= 6, $"the README has {steps.Count} commands: is its tour still in ```console blocks?");
        await using var daemon = await DaemonProcess.StartAsync(hasCollector: true);
        foreach (var (command, expected) in steps)
        {
            var shown = await ShellAsync(daemon, command);
            Assert.True(Pattern(expected).IsMatch(shown), $"$ {command}\n--- the README says\n{expected}\n--- it showed\n{shown}");
        }
    }

    [Fact]
    public void Pattern_holds_lines_to_their_words()
    {
        Assert.Matches(Pattern("a … c\n…\nz"), "a b c\n1\n2\nz\n");
        Assert.Matches(Pattern("a\n…\nz"), "a\nz\n");
        Assert.DoesNotMatch(Pattern("a … c"), "a b d\n");
        Assert.DoesNotMatch(Pattern("a"), "a\nb\n");
        Assert.DoesNotMatch(Pattern("a…\nb"), "a 1\n2\nb\n");
    }

    private static List<(string Command, string Expected)> Steps(string readme)
    {
        var steps = new List<(string, string)>();
        foreach (Match block in Regex.Matches(readme, "```console\n(.*?)```", RegexOptions.Singleline))
        {
            foreach (var step in ("\n" + block.Groups[1].Value).Split("\n$ ", StringSplitOptions.RemoveEmptyEntries))
            {
                var end = step.IndexOf('\n', StringComparison.Ordinal);
                steps.Add(end < 0 ? (step, "") : (step[..end], step[(end + 1)..].TrimEnd('\n')));
            }
        }

        return steps;
    }

    private static Regex Pattern(string expected)
    {
        var pattern = new StringBuilder("^");
        foreach (var line in expected.Split('\n'))
            pattern.Append(line == "…" ? "(?:[^\n]*\n)*?" : string.Join("[^\n]*", line.Split('…').Select(Regex.Escape)) + "\n");
        return new Regex(pattern + "$", RegexOptions.CultureInvariant);
    }

    private static async Task<string> ShellAsync(DaemonProcess daemon, string command)
    {
        command = command.Replace("127.0.0.1:7400", daemon.Http, StringComparison.Ordinal).Replace("127.0.0.1:7401", daemon.Ingest, StringComparison.Ordinal);
        var script = $"datalayer() {{ dotnet '{Repository.Cli}' \"$@\"; }}\n{{ {command}\n}} 2>&1";
        var start = new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardOutput = true, WorkingDirectory = daemon.Folder };
        start.Environment["DATALAYER_HTTP"] = daemon.Http;
        start.Environment["DATALAYER_INGEST"] = daemon.Ingest;
        using var shell = Process.Start(start)!;
        var shown = await shell.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(60));
        await shell.WaitForExitAsync();
        return shown.EndsWith('\n') || shown.Length == 0 ? shown : shown + "\n";
    }
}
