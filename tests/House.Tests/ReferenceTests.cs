using System.Xml.Linq;
using Xunit;

namespace DataLayer.House.Tests;

/// <summary>References between projects go one way, as ARCHITECTURE.md draws them.</summary>
public sealed class ReferenceTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Protocol"] = [],
        ["Ingest"] = ["Protocol"],
        ["Engines"] = ["Ingest"],
        ["Query"] = ["Engines"],
        ["Client"] = ["Protocol"],
        ["Daemon"] = ["Client", "Query"],
        ["Cli"] = ["Client", "Engines"], // Engines for "verify", which reads the data folder without a daemon.
    };

    [Fact]
    public void Projects_reference_only_what_lies_below_them()
    {
        foreach (var folder in Directory.EnumerateDirectories(Path.Combine(Repository.Root, "src")))
        {
            var name = Path.GetFileName(folder);
            Assert.True(Allowed.ContainsKey(name), $"src/{name} is not in the drawing: add it to ReferenceTests and ARCHITECTURE.md.");
            Assert.Equal(Allowed[name].Order(StringComparer.Ordinal), References(folder, "ProjectReference").Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void Protocol_references_no_package() => Assert.Empty(References(Path.Combine(Repository.Root, "src", "Protocol"), "PackageReference"));

    [Fact]
    public void Every_project_has_a_lock_file()
    {
        var projects = Directory.EnumerateFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories).Where(path => !path.Contains("/obj/", StringComparison.Ordinal));
        Assert.Empty(projects.Where(path => !File.Exists(Path.Combine(Path.GetDirectoryName(path)!, "packages.lock.json"))).Select(Repository.Relative));
    }

    private static IEnumerable<string> References(string folder, string kind) =>
        XDocument.Load(Directory.EnumerateFiles(folder, "*.csproj").Single()).Descendants(kind)
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value));
}
