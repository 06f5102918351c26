namespace DataLayer.Protocol.Tests;

/// <summary>Where the repository is, for tests that read its pages.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "DataLayer.sln"))) folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("DataLayer.sln");
        return folder;
    }
}
