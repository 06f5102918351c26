using DataLayer.Engines;

namespace DataLayer.Query;

/// <summary>The engines beside the lake, as queries find them. Safe from any thread.</summary>
public interface IEngineDirectory
{
    /// <summary>Names of the engines that answer reads.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>An engine by its name; null when there is none that answers reads.</summary>
    IEngine? Find(string name);

    /// <summary>An engine that keeps raw samples that the lake's retention has removed; null when there is none.</summary>
    IEngine? History { get; }
}
