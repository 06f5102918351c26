using System.Text;
using DataLayer.Cli.Terminals;

namespace DataLayer.Cli.Tests;

/// <summary>One run of the program, in this process, with streams of its own.</summary>
internal sealed record CliRun(int ExitCode, string Out, string Error)
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    public static Task<CliRun> PlainAsync(params string[] args) => RunAsync(args);

    public static async Task<CliRun> RunAsync(
        string[] args, string? input = null, byte[]? inputBytes = null, bool isTerminal = false, int width = 80, Dictionary<string, string>? environment = null, bool hasColor = false, TimeProvider? time = null)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        using var terminal = new Terminal(output, error, () => new MemoryStream(inputBytes ?? Encoding.UTF8.GetBytes(input ?? "")), isTerminal)
        {
            Width = width, Height = 24, HasColor = hasColor, Time = time ?? new FixedTime(Now), Environment = name => environment?.GetValueOrDefault(name),
        };
        var exitCode = await CliProgram.RunAsync(args, terminal);
        return new CliRun(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>A clock that shows one date; its timers and stamps are the system's.</summary>
    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
