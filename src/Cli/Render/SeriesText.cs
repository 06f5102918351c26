using System.Text;
using DataLayer.Client.Http;

namespace DataLayer.Cli.Render;

/// <summary>A series as people write it: <c>cpu_usage{core="0",host="a"}</c>.</summary>
internal static class SeriesText
{
    public static string Of(SeriesResult series) => Of(series.Name, series.Labels);

    public static string Of(string name, IEnumerable<KeyValuePair<string, string>> labels) => TextTable.OneLine(name) + Labels(labels);

    /// <summary>The labels alone, in braces, by name; nothing where there are none.</summary>
    public static string Labels(IEnumerable<KeyValuePair<string, string>> labels)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in labels.OrderBy(l => l.Key, StringComparer.Ordinal))
        {
            text.Append(text.Length == 0 ? '{' : ',').Append(TextTable.OneLine(name)).Append("=\"");
            text.Append(TextTable.OneLine(value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal))).Append('"');
        }

        return text.Length == 0 ? "" : text.Append('}').ToString();
    }

    /// <summary>The labels in which these series differ.</summary>
    public static List<string> Differing(IReadOnlyList<SeriesResult> series)
    {
        var names = series.SelectMany(s => s.Labels.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return names.Where(n => series.Select(s => s.Labels.GetValueOrDefault(n, "")).Distinct(StringComparer.Ordinal).Count() > 1).ToList();
    }
}
