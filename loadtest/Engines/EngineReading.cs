using System.Text.Json;

namespace DataLayer.LoadTest.Engines;

/// <summary>One engine at one moment, by <c>GET /api/v1/engines</c>.</summary>
internal sealed record EngineReading(double Seconds, string Name, string State, string Feed, long LagRecords, long LagSamples, double LagSeconds, long Written, long Failures, long DeadLetters, string Detail)
{
    public static List<EngineReading> Read(DaemonHttp http, double seconds)
    {
        using var json = JsonDocument.Parse(http.Ask(new Queries.QueryRequest("api/v1/engines", null)));
        return [.. json.RootElement.GetProperty("engines").EnumerateArray().Select(engine => new EngineReading(
            seconds,
            engine.GetProperty("name").GetString()!,
            engine.GetProperty("state").GetString()!,
            engine.GetProperty("feed").GetString()!,
            engine.GetProperty("lag").GetInt64(),
            engine.GetProperty("lagSamples").GetInt64(),
            engine.GetProperty("lagSeconds").GetDouble(),
            engine.GetProperty("samplesWritten").GetInt64(),
            engine.GetProperty("failures").GetInt64(),
            engine.GetProperty("deadLetters").GetInt64(),
            engine.TryGetProperty("detail", out var detail) ? detail.GetString()! : ""))];
    }
}
