using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace DataLayer.Cli.Commands;

/// <summary>The help of a command, and its examples below.</summary>
internal sealed class ExamplesHelpAction(HelpAction help) : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        var output = parseResult.InvocationConfiguration.Output;
        help.Invoke(parseResult);
        if (parseResult.CommandResult.Command is not ExampledCommand { Examples.Count: > 0 } command) return ExitCodes.Ok;
        if (command.Notes.Count > 0)
        {
            output.WriteLine("Notes:");
            foreach (var note in command.Notes) output.WriteLine("  " + note);
            output.WriteLine();
        }

        output.WriteLine("Examples:");
        foreach (var example in command.Examples) output.WriteLine("  " + example);
        output.WriteLine();
        return ExitCodes.Ok;
    }
}
