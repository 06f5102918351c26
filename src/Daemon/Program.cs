using DataLayer.Daemon.Hosting;
using DataLayer.Daemon.Options;

namespace DataLayer.Daemon;

internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        var commandLine = CommandLine.Parse(args);
        if (commandLine.Fault is { } fault) return Fail(ExitCodes.Usage, fault + "; datalayerd --help shows what there is");
        switch (commandLine.Command)
        {
            case DaemonCommand.Help: Console.WriteLine(CommandLine.Help); return ExitCodes.Ok;
            case DaemonCommand.Options: Console.Write(OptionCatalog.Markdown()); return ExitCodes.Ok;
            case DaemonCommand.Version: Console.WriteLine($"datalayerd {DaemonVersion.Text}"); return ExitCodes.Ok;
        }

        try
        {
            LoadedOptions Load() => OptionsLoader.Load(commandLine, Environment.GetEnvironmentVariables());
            return commandLine.Command == DaemonCommand.Validate ? await ValidateAsync(Load()) : await DaemonApplication.RunAsync(Load);
        }
        catch (ConfigurationException error)
        {
            foreach (var line in error.Faults) Fail(ExitCodes.Configuration, line);
            return ExitCodes.Configuration;
        }
        catch (StartException error)
        {
            return Fail(ExitCodes.Internal, error.Message);
        }
        catch (Exception error)
        {
            // Our fault: the trace is worth more than a tidy line.
            return Fail(ExitCodes.Internal, $"internal error, please report it: {error}");
        }
    }

    private static async Task<int> ValidateAsync(LoadedOptions loaded)
    {
        DataFolder.CheckWritable(loaded.Options.DataDir);
        Console.WriteLine($"datalayerd: {loaded.File ?? "defaults, environment and flags"}: the configuration is valid, and {Path.GetFullPath(loaded.Options.DataDir)} can be written");
        return await EngineCheck.RunAsync(loaded.Options.Engines, Console.Out, Console.Error) ? ExitCodes.Ok : ExitCodes.Internal;
    }

    private static int Fail(int code, string message)
    {
        Console.Error.WriteLine("datalayerd: " + message);
        return code;
    }
}
