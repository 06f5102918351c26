using System.Globalization;
using System.Text.Json;

namespace DataLayer.Client.Http;

/// <summary>Reads the daemon's JSON answers (docs/http-api.md).</summary>
public static class AnswerReader
{
    private const decimal MicrosPerSecond = 1_000_000m;

    /// <summary><c>{"series":[{"name","labels":{},"samples":[[seconds,value],…]}],"truncated":false}</c></summary>
    public static QueryResult ReadSamples(JsonElement root)
    {
        var list = root.GetProperty("series");
        var series = new List<SeriesResult>(list.GetArrayLength());
        foreach (var element in list.EnumerateArray()) series.Add(ReadSeries(element));
        return new QueryResult(series, root.TryGetProperty("truncated", out var truncated) && truncated.ValueKind == JsonValueKind.True);
    }

    /// <summary>One series: <c>{"name","labels":{},"samples":[[seconds,value],…]}</c>, or with a single <c>"time"</c> and <c>"value"</c>.</summary>
    public static SeriesResult ReadSeries(JsonElement element)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        if (element.TryGetProperty("labels", out var pairs))
        {
            foreach (var pair in pairs.EnumerateObject()) labels[pair.Name] = pair.Value.GetString() ?? "";
        }

        var samples = new List<SamplePoint>();
        if (element.TryGetProperty("samples", out var points))
        {
            samples.Capacity = points.GetArrayLength();
            foreach (var point in points.EnumerateArray()) samples.Add(new SamplePoint(ReadTime(point[0]), ReadValue(point[1])));
        }
        else if (element.TryGetProperty("time", out var time) && element.TryGetProperty("value", out var value))
        {
            samples.Add(new SamplePoint(ReadTime(time), ReadValue(value)));
        }

        return new SeriesResult(element.GetProperty("name").GetString() ?? "", labels, samples);
    }

    /// <summary>Unix seconds with a fraction, exact to the microsecond.</summary>
    public static long ReadTime(JsonElement seconds) => (long)Math.Round(seconds.GetDecimal() * MicrosPerSecond);

    /// <summary>A number, or a string for what JSON has no number for: NaN, Infinity, -Infinity. Null is NaN: no value.</summary>
    public static double ReadValue(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.Null => double.NaN,
        _ => value.GetString() switch
        {
            "+Inf" or "Inf" or "Infinity" or "+Infinity" => double.PositiveInfinity,
            "-Inf" or "-Infinity" => double.NegativeInfinity,
            "NaN" => double.NaN,
            var text => double.Parse(text ?? "", CultureInfo.InvariantCulture),
        },
    };
}
