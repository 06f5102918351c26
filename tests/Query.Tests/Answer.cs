using System.Globalization;
using System.Text.Json;

namespace DataLayer.Query.Tests;

/// <summary>Reads answers back.</summary>
internal static class Answer
{
    /// <summary>Samples by the label "n" of their series. null reads as NaN.</summary>
    public static Dictionary<string, List<(long Time, double Value)>> Samples(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty("series").EnumerateArray().ToDictionary(
            series => series.GetProperty("labels").GetProperty("n").GetString()!,
            series => series.GetProperty("samples").EnumerateArray().Select(s => (Micros(s[0]), Number(s[1]))).ToList());
    }

    /// <summary>The series of an answer in its order, each with all its labels.</summary>
    public static List<(Dictionary<string, string> Labels, List<(long Time, double Value)> Samples)> Series(string json)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.GetProperty("series").EnumerateArray().Select(series => (
            series.GetProperty("labels").EnumerateObject().ToDictionary(label => label.Name, label => label.Value.GetString()!),
            series.GetProperty("samples").EnumerateArray().Select(s => (Micros(s[0]), Number(s[1]))).ToList()))];
    }

    public static long Micros(JsonElement seconds) => (long)(decimal.Parse(seconds.GetRawText(), CultureInfo.InvariantCulture) * 1_000_000);

    public static double Number(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => double.NaN,
        JsonValueKind.String => double.Parse(value.GetString()!, CultureInfo.InvariantCulture),
        _ => value.GetDouble(),
    };

    public static List<JsonElement[]> Rows(string json)
    {
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.Clone().GetProperty("rows").EnumerateArray().Select(row => row.EnumerateArray().ToArray())];
    }
}
