using DataLayer.LoadTest;
using DataLayer.LoadTest.Compare;
using DataLayer.LoadTest.Engines;
using DataLayer.LoadTest.Faults;
using DataLayer.LoadTest.Hostile;
using DataLayer.LoadTest.Queries;
using DataLayer.LoadTest.Soak;

if (args is ["--help" or "-h"])
{
    Console.WriteLine(LoadOptions.Help);
    return ExitCode.Pass;
}

try
{
    var options = LoadOptions.Parse(args);
    switch (options.Mode)
    {
        case LoadMode.Kill: return new KillRun(options).Run();
        case LoadMode.Compare: return new CompareRun(options).Run();
        case LoadMode.Queries: return new QueryRun(options).Run();
        case LoadMode.Overload: return new OverloadRun(options).Run();
        case LoadMode.Hostile: return new HostileRun(options).Run();
        case LoadMode.Soak: return new SoakRun(options).Run();
        case LoadMode.Register: return new RegisterRun(options).Run();
        case LoadMode.Engines: return new EnginesRun(options).Run();
        case LoadMode.Floor:
            using (var floor = new FloorRun(options)) return floor.Run();
        default:
            var report = new LoadRun(options).Run();
            Console.WriteLine(report);
            options.WriteJson(report);
            return report.ExitCode;
    }
}
catch (UsageException error)
{
    Console.Error.WriteLine($"loadtest: {error.Message} See loadtest --help.");
    return ExitCode.Usage;
}
