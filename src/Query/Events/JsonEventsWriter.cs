using System.Text.Json;
using DataLayer.Engines;
using DataLayer.Engines.Events;
using DataLayer.Query.Answers;

namespace DataLayer.Query.Events;

/// <summary><c>{"events":[{"id","type","source","time","latitude","longitude","distance","document":{…}}],"truncated":false}</c>; see docs/http-api.md.</summary>
internal static class JsonEventsWriter
{
    public static async Task WriteAsync(IReadOnlyList<FoundEvent> events, bool isTruncated, AnswerBuffer output, CancellationToken cancellation)
    {
        await using var json = new Utf8JsonWriter(output, JsonText.Options);
        json.WriteStartObject();
        json.WriteStartArray("events");
        foreach (var found in events)
        {
            Write(json, found);
            await json.FlushAsync(cancellation).ConfigureAwait(false);
            if (output.IsFull) await output.FlushAsync(cancellation).ConfigureAwait(false);
        }

        json.WriteEndArray();
        json.WriteBoolean("truncated", isTruncated);
        json.WriteEndObject();
        await json.FlushAsync(cancellation).ConfigureAwait(false);
        await output.FlushAsync(cancellation).ConfigureAwait(false);
    }

    private static void Write(Utf8JsonWriter json, FoundEvent found)
    {
        var one = found.Event;
        json.WriteStartObject();
        json.WriteString("id", one.Id);
        json.WriteString("type", one.Type);
        json.WriteString("source", one.Source);
        json.WritePropertyName("time");
        JsonText.UnixSeconds(json, one.TimeMicros);
        if (one is { Latitude: { } latitude, Longitude: { } longitude })
        {
            json.WriteNumber("latitude", latitude);
            json.WriteNumber("longitude", longitude);
        }

        if (found.DistanceMetres is { } distance) json.WriteNumber("distance", Math.Round(distance, 3));
        json.WritePropertyName("document");
        EventJson.Write(json, one.Document.Span);
        json.WriteEndObject();
    }
}
