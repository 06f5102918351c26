using System.Text.Json;
using DataLayer.Engines.Feed;

namespace DataLayer.Daemon.Http;

/// <summary>A fed engine as status and the engine list show it.</summary>
internal static class EngineJson
{
    public static void Write(Utf8JsonWriter json, EngineFeeder feeder, string kind)
    {
        var report = feeder.Report;
        var (error, errorAt) = report.Gauges.LastError;
        json.WriteStartObject();
        json.WriteString("name", feeder.Engine.Name);
        json.WriteString("kind", kind);
        json.WriteString("state", SnakeCase.Of(report.Health.State));
        json.WriteString("feed", SnakeCase.Of(feeder.State));
        if (report.Health.Detail.Length > 0) json.WriteString("detail", report.Health.Detail);
        if (report.Doing.Length > 0) json.WriteString("doing", report.Doing);
        json.WriteNumber("position", feeder.Engine.Position);
        json.WriteNumber("lag", report.Lag.Records);
        json.WriteNumber("lagSamples", report.Lag.Samples);
        json.WriteNumber("lagSeconds", Math.Round(report.Lag.Seconds, 3));
        json.WriteNumber("samplesPerSecond", Math.Round(report.Gauges.Rate));
        json.WriteNumber("samplesWritten", report.Gauges.Samples);
        json.WriteNumber("batches", report.Gauges.Batches);
        json.WriteNumber("failures", report.Gauges.Failures);
        json.WriteNumber("lastWriteSeconds", Math.Round(report.Gauges.LastWrite.TotalSeconds, 4));
        json.WriteNumber("deadLetters", feeder.Letters.Count);
        json.WriteNumber("connectionsInUse", feeder.Engine.Pool.InUse);
        json.WriteNumber("connectionsMax", feeder.Engine.Pool.Max);
        if (error.Length > 0)
        {
            json.WriteString("lastError", error);
            json.WriteString("lastErrorAt", errorAt);
        }

        json.WriteEndObject();
    }
}
