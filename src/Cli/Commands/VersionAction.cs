using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reflection;

namespace DataLayer.Cli.Commands;

/// <summary><c>--version</c></summary>
internal sealed class VersionAction : SynchronousCommandLineAction
{
    public static string Version { get; } =
        typeof(VersionAction).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    public override int Invoke(ParseResult parseResult)
    {
        parseResult.InvocationConfiguration.Output.WriteLine($"datalayer {Version}");
        return ExitCodes.Ok;
    }
}
