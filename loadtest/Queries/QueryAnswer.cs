using System.Globalization;
using System.Text.Json;

namespace DataLayer.LoadTest.Queries;

/// <summary>What an answer holds, whatever its form: how many values, and their sum. Two servers with the same data have to agree on both.</summary>
internal readonly record struct QueryAnswer(long Values, double Sum)
{
    /// <summary>Sums are added up in another order there.</summary>
    private const double Tolerance = 1e-9;

    public bool Agrees(QueryAnswer other) => Values == other.Values && Math.Abs(Sum - other.Sum) <= Tolerance * Math.Max(1, Math.Abs(Sum));

    /// <summary>Reads an answer of ours (samples or SQL, whose last column counts) or of the Prometheus HTTP API.</summary>
    public static QueryAnswer Parse(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        if (root.TryGetProperty("truncated", out var truncated) && truncated.GetBoolean()) throw new IOException("The answer was cut.");
        if (root.TryGetProperty("series", out var series)) return Add(series.EnumerateArray().SelectMany(one => one.GetProperty("samples").EnumerateArray()).Select(sample => sample[1]));
        if (root.TryGetProperty("rows", out var rows)) return Add(rows.EnumerateArray().Select(row => row[row.GetArrayLength() - 1]));
        var result = root.GetProperty("data").GetProperty("result").EnumerateArray();
        return Add(result.SelectMany(one => one.TryGetProperty("values", out var values) ? values.EnumerateArray().Select(pair => pair[1]) : [one.GetProperty("value")[1]]));
    }

    private static QueryAnswer Add(IEnumerable<JsonElement> values)
    {
        var (count, sum) = (0L, 0.0);
        foreach (var value in values)
        {
            count++;
            sum += value.ValueKind == JsonValueKind.String ? double.Parse(value.GetString()!, CultureInfo.InvariantCulture) : value.GetDouble();
        }

        return new QueryAnswer(count, sum);
    }
}
