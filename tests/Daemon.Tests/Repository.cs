namespace DataLayer.Daemon.Tests;

/// <summary>The repository's root: the nearest folder upwards with the solution.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "DataLayer.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("no folder upwards has DataLayer.sln");
    }
}
