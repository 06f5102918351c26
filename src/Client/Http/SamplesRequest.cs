using System.Globalization;
using System.Text;

namespace DataLayer.Client.Http;

/// <summary>What to ask of <c>/api/v1/samples</c>, <c>latest</c> and <c>series</c>. What is null is left to the daemon's default.</summary>
public sealed record SamplesRequest
{
    public string? Name { get; init; }

    public IReadOnlyCollection<KeyValuePair<string, string>> Labels { get; init; } = [];

    /// <summary>RFC 3339, Unix seconds, <c>now</c> or relative (<c>-1h</c>).</summary>
    public string? Start { get; init; }

    public string? End { get; init; }

    /// <summary>Width of a bucket: <c>15s</c>, <c>1m</c>.</summary>
    public string? Step { get; init; }

    public string? Aggregation { get; init; }

    /// <summary>Labels, with commas between, whose values make groups that are answered as one; empty: one group of all.</summary>
    public string? By { get; init; }

    /// <summary>Only so many series, those with the greatest value.</summary>
    public int? Top { get; init; }

    /// <summary>Only what this engine holds; null: everything.</summary>
    public string? Engine { get; init; }

    public int? Limit { get; init; }

    public string ToQueryString()
    {
        var text = new StringBuilder();
        Add(text, "name", Name);
        foreach (var (key, value) in Labels) Add(text, "label." + key, value);
        Add(text, "start", Start);
        Add(text, "end", End);
        Add(text, "step", Step);
        Add(text, "agg", Aggregation);
        Add(text, "by", By);
        Add(text, "top", Top?.ToString(CultureInfo.InvariantCulture));
        Add(text, "engine", Engine);
        Add(text, "limit", Limit?.ToString(CultureInfo.InvariantCulture));
        return text.ToString();
    }

    private static void Add(StringBuilder text, string key, string? value)
    {
        if (value is null) return;
        text.Append(text.Length == 0 ? '?' : '&').Append(Uri.EscapeDataString(key)).Append('=').Append(Uri.EscapeDataString(value));
    }
}
