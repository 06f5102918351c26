using System.Globalization;
using DataLayer.Protocol;

namespace DataLayer.LoadTest;

/// <summary>What the series of a run are called: <c>load{run, host, series}</c>; the fields of points are <c>load_f0 … load_f9</c>.</summary>
internal static class SeriesNames
{
    public const string Metric = "load";

    /// <summary>One sample in each batch of a kill run, at the time of its arrival: stored twice, it would be seen twice.</summary>
    public const string Marker = "load_marker";

    /// <summary>Series per host, as if each host had so many.</summary>
    private const int PerHost = 100;

    public static KeyValuePair<string, string>[] Labels(string run, int series) =>
    [
        new("host", string.Create(CultureInfo.InvariantCulture, $"host-{series / PerHost:D5}")),
        new("run", run),
        new("series", string.Create(CultureInfo.InvariantCulture, $"{series:D7}")),
    ];

    public static byte[] Key(string run, int series) => SeriesKey.Of(Metric, Labels(run, series));
}
