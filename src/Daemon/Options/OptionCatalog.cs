using System.Reflection;
using System.Text;

namespace DataLayer.Daemon.Options;

/// <summary>All options there are, found on <see cref="DaemonOptions"/> and <see cref="EngineEntry"/> once; docs/configuration.md is written from it.</summary>
internal static class OptionCatalog
{
    public static IReadOnlyList<OptionKey> Keys { get; } = [.. Find()];

    /// <summary>The options of one entry of the list of engines.</summary>
    public static IReadOnlyList<OptionKey> EngineKeys { get; } = [.. typeof(EngineEntry).GetProperties()
        .Where(property => property.GetCustomAttribute<OptionAttribute>() is not null)
        .Select(property => new OptionKey(EngineEntries.Path + ":N", () => new EngineEntry(), null, property, property.GetCustomAttribute<OptionAttribute>()!))];

    private static readonly Dictionary<string, OptionKey> ByPath = Keys.ToDictionary(key => key.Path, StringComparer.OrdinalIgnoreCase);

    public static OptionKey? Find(string path) => ByPath.GetValueOrDefault(path);

    /// <summary>The tables of docs/configuration.md.</summary>
    public static string Markdown()
    {
        var text = new StringBuilder();
        var section = "";
        foreach (var key in Keys.Concat(EngineKeys))
        {
            var own = key.Path[..key.Path.LastIndexOf(':')];
            if (!own.Equals(section, StringComparison.Ordinal))
            {
                section = own;
                text.Append($"\n### {own}\n\n| key | default | allowed | meaning |\n| --- | --- | --- | --- |\n");
            }

            var initial = key.Default.Length == 0 ? "–" : $"`{key.Default}`";
            text.Append($"| `{key.Path[(own.Length + 1)..]}` | {initial} | {key.Allowed} | {key.Meaning} |\n");
        }

        return text.ToString();
    }

    private static IEnumerable<OptionKey> Find()
    {
        foreach (var property in typeof(DaemonOptions).GetProperties())
        {
            if (property.GetCustomAttribute<OptionAttribute>() is { } option) yield return new OptionKey("DataLayer", () => new DaemonOptions(), null, property, option);
        }

        foreach (var section in typeof(DaemonOptions).GetProperties())
        {
            if (section.GetCustomAttribute<OptionAttribute>() is not null || section.PropertyType.Namespace != typeof(DaemonOptions).Namespace) continue;
            foreach (var property in section.PropertyType.GetProperties())
            {
                if (property.GetCustomAttribute<OptionAttribute>() is { } option) yield return new OptionKey("DataLayer", () => new DaemonOptions(), section, property, option);
            }
        }
    }
}
