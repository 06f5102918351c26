using System.Text.RegularExpressions;

namespace DataLayer.Engines.Tests.Postgres;

/// <summary>The statements of docs/engines/postgres.md as they stand there.</summary>
internal static partial class PostgresDocs
{
    /// <summary>The blocks with this word after the three backticks, in order.</summary>
    public static IReadOnlyList<string> Blocks(string kind) =>
        [.. Block().Matches(File.ReadAllText(Path())).Where(match => match.Groups[1].Value == kind).Select(match => match.Groups[2].Value)];

    private static string Path()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(System.IO.Path.Combine(folder!.FullName, "DataLayer.sln"))) folder = folder.Parent;
        return System.IO.Path.Combine(folder.FullName, "docs", "engines", "postgres.md");
    }

    [GeneratedRegex("```(sql[ a-z]*)\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
