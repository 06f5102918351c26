using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using DataLayer.Client.Http;

namespace DataLayer.Cli.Render;

/// <summary>Samples as JSON, in the daemon's own shape: <c>{"series":[{"name","labels":{},"samples":[[seconds,value],…]}],"truncated":false}</c></summary>
internal static class SamplesJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(QueryResult answer)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Options))
        {
            json.WriteStartObject();
            json.WriteStartArray("series");
            foreach (var series in answer.Series) Write(json, series);
            json.WriteEndArray();
            json.WriteBoolean("truncated", answer.IsTruncated);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private static void Write(Utf8JsonWriter json, SeriesResult series)
    {
        json.WriteStartObject();
        json.WriteString("name", series.Name);
        json.WriteStartObject("labels");
        foreach (var (name, value) in series.Labels) json.WriteString(name, value);
        json.WriteEndObject();
        json.WriteStartArray("samples");
        foreach (var point in series.Samples)
        {
            json.WriteStartArray();
            json.WriteRawValue((point.TimeUnixMicros / 1_000_000m).ToString("0.######", CultureInfo.InvariantCulture));
            if (double.IsFinite(point.Value)) json.WriteNumberValue(point.Value);
            else json.WriteStringValue(Numbers.Exact(point.Value));
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
