using System.CommandLine;

namespace DataLayer.Cli.Commands;

/// <summary><c>completion</c>: a script for a shell, which asks this program what fits (the <c>[suggest]</c> directive).</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _datalayer() {
            local IFS=$'\n'
            COMPREPLY=($(datalayer "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null))
        }
        complete -o default -F _datalayer datalayer
        """;

    private const string Zsh = """
        _datalayer() {
            local -a found
            found=("${(@f)$(datalayer "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
            compadd -a found
        }
        compdef _datalayer datalayer
        """;

    private const string Fish = """
        complete -c datalayer -f -a '(datalayer "[suggest:"(commandline -C)"]" (commandline -cp) 2>/dev/null)'
        """;

    public static Command Create(CliContext cli)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new ExampledCommand("completion", "Prints a script that completes commands in your shell.", "source <(datalayer completion bash)") { shell };
        command.SetAction(result => cli.Terminal.WriteLine(result.GetRequiredValue(shell) switch
        {
            "bash" => Bash,
            "zsh" => Zsh,
            _ => Fish,
        }));
        return command;
    }
}
