using System.Text.RegularExpressions;
using Xunit;

namespace DataLayer.House.Tests;

/// <summary>What the pages name exists.</summary>
public sealed partial class PageTests
{
    /// <summary>The hot path in README and ARCHITECTURE: `src/…/File.cs:Method`.</summary>
    [Theory]
    [InlineData("README.md", 6)]
    [InlineData("ARCHITECTURE.md", 0)]
    public void Places_in_the_code_exist(string page, int least)
    {
        var places = Place().Matches(Read(page));
        Assert.True(places.Count >= least, $"{page} names {places.Count} places in the code; it should name {least}.");
        foreach (Match place in places)
        {
            var source = Read(place.Groups["file"].Value);
            Assert.Matches($@"\b{place.Groups["method"].Value}\(", source);
        }
    }

    [Fact]
    public void Links_between_pages_lead_somewhere()
    {
        var pages = Directory.EnumerateFiles(Repository.Root, "*.md").Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories));
        foreach (var page in pages)
        {
            foreach (Match link in Link().Matches(File.ReadAllText(page)))
            {
                var target = link.Groups[1].Value;
                if (target.Contains("://", StringComparison.Ordinal)) continue;
                var path = Path.Combine(Path.GetDirectoryName(page)!, target);
                Assert.True(File.Exists(path) || Directory.Exists(path), $"{Repository.Relative(page)} links to {target}, which is not there.");
            }
        }
    }

    [Fact]
    public void README_names_the_two_commands_and_CI_calls_the_second()
    {
        var readme = Read("README.md");
        Assert.Contains("./run.sh", readme, StringComparison.Ordinal);
        Assert.Contains("./test.sh", readme, StringComparison.Ordinal);
        Assert.Contains("test.sh", Read(".ci/run"), StringComparison.Ordinal);
    }

    private static string Read(string path) => File.ReadAllText(Path.Combine(Repository.Root, path));

    [GeneratedRegex("`(?<file>src/[^`:]+\\.cs):(?<method>\\w+)`")]
    private static partial Regex Place();

    [GeneratedRegex(@"\]\(([^)#]+)(?:#[^)]*)?\)")]
    private static partial Regex Link();
}
