namespace DataLayer.Cli;

/// <summary>Ends a command with one line on stderr: what was wrong, where, what to do.</summary>
internal sealed class CliException(int exitCode, string message) : Exception(message)
{
    public int ExitCode { get; } = exitCode;

    public static CliException Usage(string message) => new(ExitCodes.Usage, message);
}
