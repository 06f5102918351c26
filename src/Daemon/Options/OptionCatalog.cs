using System.Reflection;
using System.Text;

namespace DataLayer.Daemon.Options;

/// <summary>All options there are, found on <see cref="DaemonOptions"/> once; docs/configuration.md is written from it.</summary>
internal static class OptionCatalog
{
    public static IReadOnlyList<OptionKey> Keys { get; } = [.. Find()];

    private static readonly Dictionary<string, OptionKey> ByPath = Keys.ToDictionary(key => key.Path, StringComparer.OrdinalIgnoreCase);

    public static OptionKey? Find(string path) => ByPath.GetValueOrDefault(path);

    /// <summary>The tables of docs/configuration.md.</summary>
    public static string Markdown()
    {
        var text = new StringBuilder();
        var section = "";
        foreach (var key in Keys)
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
            if (property.GetCustomAttribute<OptionAttribute>() is { } option) yield return new OptionKey(null, property, option);
        }

        foreach (var section in typeof(DaemonOptions).GetProperties())
        {
            if (section.GetCustomAttribute<OptionAttribute>() is not null || section.PropertyType.Namespace != typeof(DaemonOptions).Namespace) continue;
            foreach (var property in section.PropertyType.GetProperties())
            {
                if (property.GetCustomAttribute<OptionAttribute>() is { } option) yield return new OptionKey(section, property, option);
            }
        }
    }
}
