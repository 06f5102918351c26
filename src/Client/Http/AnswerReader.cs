using System.Globalization;
using System.Text.Json;

namespace DataLayer.Client.Http;

/// <summary>Reads the daemon's JSON answers (docs/http-api.md). What is none of them: <see cref="DataLayerException"/> of kind <see cref="FailureKind.BadAnswer"/>.</summary>
public static class AnswerReader
{
    private const decimal MicrosPerSecond = 1_000_000m;

    /// <summary>One line of an answer in lines. The caller disposes it.</summary>
    public static JsonDocument ParseLine(string line)
    {
        try
        {
            return JsonDocument.Parse(line);
        }
        catch (JsonException e)
        {
            throw NoAnswer(e);
        }
    }

    /// <summary><c>{"series":[{"name","labels":{},"samples":[[seconds,value],…]}],"truncated":false}</c></summary>
    public static QueryResult ReadSamples(JsonElement root) => Read(root, SamplesOf);

    /// <summary>One series: <c>{"name","labels":{},"samples":[[seconds,value],…]}</c>, or with a single <c>"time"</c> and <c>"value"</c>.</summary>
    public static SeriesResult ReadSeries(JsonElement element) => Read(element, SeriesOf);

    /// <summary>Unix seconds with a fraction, exact to the microsecond.</summary>
    public static long ReadTime(JsonElement seconds) => Read(seconds, TimeOf);

    /// <summary>A number, or a string for what JSON has no number for: NaN, Infinity, -Infinity. Null is NaN: no value.</summary>
    public static double ReadValue(JsonElement value) => Read(value, ValueOf);

    private static T Read<T>(JsonElement element, Func<JsonElement, T> read)
    {
        try
        {
            return read(element);
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or FormatException or OverflowException or IndexOutOfRangeException)
        {
            throw NoAnswer(e);
        }
    }

    private static DataLayerException NoAnswer(Exception e) => new(FailureKind.BadAnswer, $"the answer is none of DataLayer's: {e.Message}", e);

    private static QueryResult SamplesOf(JsonElement root)
    {
        var list = root.GetProperty("series");
        var series = new List<SeriesResult>(list.GetArrayLength());
        foreach (var element in list.EnumerateArray()) series.Add(SeriesOf(element));
        return new QueryResult(series, root.TryGetProperty("truncated", out var truncated) && truncated.ValueKind == JsonValueKind.True);
    }

    private static SeriesResult SeriesOf(JsonElement element)
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
            foreach (var point in points.EnumerateArray()) samples.Add(new SamplePoint(TimeOf(point[0]), ValueOf(point[1])));
        }
        else if (element.TryGetProperty("time", out var time) && element.TryGetProperty("value", out var value))
        {
            samples.Add(new SamplePoint(TimeOf(time), ValueOf(value)));
        }

        return new SeriesResult(element.GetProperty("name").GetString() ?? "", labels, samples);
    }

    private static long TimeOf(JsonElement seconds) => (long)Math.Round(seconds.GetDecimal() * MicrosPerSecond);

    private static double ValueOf(JsonElement value) => value.ValueKind switch
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
