namespace DataLayer.Cli.Tests;

/// <summary>Where this checkout is, and what was built of it in the same configuration as these tests.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Daemon { get; } = Built("Daemon", "datalayerd.dll");

    public static string Cli { get; } = Built("Cli", "datalayer.dll");

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "DataLayer.sln"))) return folder.FullName;
        }

        throw new InvalidOperationException($"no DataLayer.sln above {AppContext.BaseDirectory}");
    }

    private static string Built(string project, string file)
    {
        var configuration = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Debug{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Debug" : "Release";
        var path = Path.Combine(Root, "src", project, "bin", configuration, "net10.0", file);
        return File.Exists(path) ? path : throw new InvalidOperationException($"{path} is not there: build the solution first (dotnet build -c {configuration} DataLayer.sln)");
    }
}
