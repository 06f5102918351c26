using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using DataLayer.Cli.Commands;
using DataLayer.Cli.Terminals;
using DataLayer.Client;

namespace DataLayer.Cli;

/// <summary>From arguments to an exit code: the edge at which every failure becomes one line on stderr.</summary>
internal static class CliProgram
{
    public static async Task<int> RunAsync(IReadOnlyList<string> args, Terminal terminal, CancellationToken cancellation = default)
    {
        var cli = new CliContext(terminal);
        var result = Root(cli).Parse(args);
        if (result.Action is ParseErrorAction) return Usage(result, terminal);
        try
        {
            var invocation = new InvocationConfiguration { Output = terminal.Out, Error = terminal.Error, EnableDefaultExceptionHandler = false };
            return await result.InvokeAsync(invocation, cancellation);
        }
        catch (CliException e)
        {
            return Fail(terminal, e.ExitCode, e.Message);
        }
        catch (DataLayerException e)
        {
            return Fail(terminal, CodeOf(e.Kind), Advise(e));
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Interrupted;
        }
        catch (IOException e) when (e.Message.Contains("Broken pipe", StringComparison.OrdinalIgnoreCase))
        {
            // The reader of a pipe, such as head, has all it wants.
            return ExitCodes.Ok;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail(terminal, ExitCodes.Usage, e.Message);
        }
        catch (Exception e)
        {
            return Fail(terminal, ExitCodes.Internal, $"a fault in this program: {e}");
        }
    }

    internal static RootCommand Root(CliContext cli)
    {
        var root = new RootCommand("Sends samples to a DataLayer daemon, and asks it.") { cli.Http, cli.Ingest, cli.Token };
        root.Add(SendCommand.Create(cli));
        root.Add(QueryCommand.Create(cli));
        root.Add(LatestCommand.Create(cli));
        root.Add(SeriesCommand.Create(cli));
        root.Add(EventsCommand.Create(cli));
        root.Add(SqlCommand.Create(cli));
        root.Add(TailCommand.Create(cli));
        root.Add(StatusCommand.Create(cli));
        root.Add(EngineCommand.Create(cli));
        root.Add(VerifyCommand.Create(cli));
        root.Add(CompletionCommand.Create(cli));
        foreach (var option in root.Options)
        {
            if (option is HelpOption { Action: HelpAction help } asked) asked.Action = new ExamplesHelpAction(help);
            if (option is VersionOption version) version.Action = new VersionAction();
        }

        return root;
    }

    private static int Usage(ParseResult result, Terminal terminal)
    {
        foreach (var error in result.Errors) terminal.WriteErrorLine(new Piece("error: ", "red"), error.Message);
        var path = new List<string>();
        for (System.CommandLine.Parsing.SymbolResult? at = result.CommandResult; at is System.CommandLine.Parsing.CommandResult command; at = at.Parent)
            path.Insert(0, command.Command is RootCommand ? "datalayer" : command.Command.Name);
        terminal.WriteErrorLine($"see {string.Join(' ', path)} --help");
        return ExitCodes.Usage;
    }

    private static int Fail(Terminal terminal, int exitCode, string message)
    {
        terminal.WriteErrorLine(new Piece("error: ", "red"), message);
        return exitCode;
    }

    private static int CodeOf(FailureKind kind) => kind switch
    {
        FailureKind.BadRequest => ExitCodes.Usage,
        FailureKind.Refused => ExitCodes.Negative,
        FailureKind.ServerFault or FailureKind.BadAnswer => ExitCodes.Internal,
        _ => ExitCodes.Unavailable,
    };

    private static string Advise(DataLayerException e) => e.Kind switch
    {
        FailureKind.Unreachable when e.Message.Contains("connection refused", StringComparison.Ordinal) => e.Message + "; start it with ./run.sh or set --http and --ingest",
        FailureKind.BadAnswer => e.Message + "; set --http and --ingest to a DataLayer daemon",
        FailureKind.Refused when e.Code == Protocol.ErrorCode.NotAllowed => e.Message + "; set --token",
        _ => e.Message,
    };
}
