using System.Globalization;
using System.Text.Json;

namespace DataLayer.LoadTest.Engines;

/// <summary>What an engine holds of a run, by its own answer to the daemon's questions.</summary>
internal static class EngineCount
{
    /// <summary>Samples of a run; or, where an engine keeps the last one alone, series of which it has the very sample that the daemon has as the last.</summary>
    public static long Of(DaemonHttp http, EngineUnderTest engine, string run, int series) => engine.KeepsSamples ? Samples(http, engine.Kind, run) : Latest(http, engine.Kind, run, series);

    private static long Samples(DaemonHttp http, string engine, string run)
    {
        // All of time: the load's times begin where its clock says.
        using var json = JsonDocument.Parse(http.Ask(new Queries.QueryRequest($"api/v1/samples?name={SeriesNames.Metric}&label.run={run}&start=0&end=4000000000&agg=count&by=run&engine={engine}", null)));
        var found = json.RootElement.GetProperty("series");
        return found.GetArrayLength() == 0 ? 0 : (long)found[0].GetProperty("samples").EnumerateArray().Sum(sample => sample[1].GetDouble());
    }

    private static long Latest(DaemonHttp http, string engine, string run, int series)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"api/v1/latest?name={SeriesNames.Metric}&label.run={run}&limit={series + 1}");
        var own = Lines(http, path);
        return Lines(http, path + $"&engine={engine}").Count(own.Contains);
    }

    private static HashSet<string> Lines(DaemonHttp http, string path)
    {
        using var json = JsonDocument.Parse(http.Ask(new Queries.QueryRequest(path, null)));
        return [.. json.RootElement.GetProperty("series").EnumerateArray().Select(one => one.GetRawText())];
    }
}
