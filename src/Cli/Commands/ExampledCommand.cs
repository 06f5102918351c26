using System.CommandLine;

namespace DataLayer.Cli.Commands;

/// <summary>A command whose help shows examples.</summary>
internal sealed class ExampledCommand(string name, string description, params string[] examples) : Command(name, description)
{
    public IReadOnlyList<string> Examples { get; } = examples;

    /// <summary>What there is to say beyond the description, before the examples.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}
