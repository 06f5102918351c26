using Xunit;

namespace DataLayer.House.Tests;

/// <summary>The limits of the house: a file of at most 600 lines, a method of at most 70, one top-level type in a file.</summary>
public sealed class SizeTests
{
    private static readonly string[] All = ["src", "tests", "bench", "loadtest"];

    [Fact]
    public void Files_at_most_600_lines() =>
        Assert.Empty(Repository.SourceFiles(All).Where(path => new SourceShape(File.ReadAllText(path)).Lines > 600).Select(Repository.Relative));

    [Fact]
    public void Methods_at_most_70_lines() =>
        Assert.Empty(Repository.SourceFiles(All).Where(path => new SourceShape(File.ReadAllText(path)).MethodLines.Exists(lines => lines > 70)).Select(Repository.Relative));

    [Fact]
    public void One_top_level_type_in_a_file()
    {
        var several = Repository.SourceFiles("src").Where(path => new SourceShape(File.ReadAllText(path)).TopLevelTypes > 1).Select(Repository.Relative);
        Assert.DoesNotContain(several, path => !path.EndsWith("Options.cs", StringComparison.Ordinal)); // An options class keeps its validator beside it.
    }

    [Theory]
    [InlineData("class A { void M()\n{\n\n}\n}", 1, 3)]
    [InlineData("namespace N;\nclass A { int P => 1; }\nclass B { }", 2, 0)]
    [InlineData("class A { string S = \"{ ( class\"; void M() { } }", 1, 1)]
    public void SourceShape_counts(string text, int types, int longest)
    {
        var shape = new SourceShape(text);
        Assert.Equal((types, longest), (shape.TopLevelTypes, shape.MethodLines.DefaultIfEmpty().Max()));
    }
}
