using System.Globalization;
using System.Text;

namespace DataLayer.Client.Http;

/// <summary>What to ask of <c>/api/v1/events</c>. What is null is left to the daemon's default.</summary>
public sealed record EventsRequest
{
    /// <summary>RFC 3339, Unix seconds, <c>now</c> or relative (<c>-1h</c>).</summary>
    public string? Start { get; init; }

    public string? End { get; init; }

    public string? Type { get; init; }

    public string? Source { get; init; }

    /// <summary><c>LATITUDE,LONGITUDE,METRES</c>: nearest first.</summary>
    public string? Near { get; init; }

    /// <summary><c>LAT,LON;LAT,LON;LAT,LON…</c>: a polygon.</summary>
    public string? Within { get; init; }

    /// <summary>Only what this engine holds; null: everything.</summary>
    public string? Engine { get; init; }

    public int? Limit { get; init; }

    public string ToQueryString()
    {
        var text = new StringBuilder();
        (string Key, string? Value)[] all =
            [("start", Start), ("end", End), ("type", Type), ("source", Source), ("near", Near), ("within", Within), ("engine", Engine), ("limit", Limit?.ToString(CultureInfo.InvariantCulture))];
        foreach (var (key, value) in all)
        {
            if (value is not null) text.Append(text.Length == 0 ? '?' : '&').Append(key).Append('=').Append(Uri.EscapeDataString(value));
        }

        return text.ToString();
    }
}
