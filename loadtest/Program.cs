using System.Text.Json;
using DataLayer.LoadTest;
using DataLayer.LoadTest.Compare;
using DataLayer.LoadTest.Queries;

if (args is ["--help" or "-h"])
{
    Console.WriteLine(LoadOptions.Help);
    return ExitCode.Pass;
}

try
{
    var options = LoadOptions.Parse(args);
    if (options.Kill) return new KillRun(options).Run();
    if (options.Compare) return new CompareRun(options).Run();
    if (options.Queries) return new QueryRun(options).Run();
    if (options.Floor)
    {
        using var floor = new FloorRun(options);
        return floor.Run();
    }

    var report = new LoadRun(options).Run();
    Console.WriteLine(report);
    if (options.JsonFile is { } file) File.WriteAllText(file, JsonSerializer.Serialize(report, JsonSerializerOptions.Web));
    return report.ExitCode;
}
catch (UsageException error)
{
    Console.Error.WriteLine($"loadtest: {error.Message} See loadtest --help.");
    return ExitCode.Usage;
}
