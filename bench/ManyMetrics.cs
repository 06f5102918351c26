using System.Globalization;
using DataLayer.Ingest.Series;
using DataLayer.Protocol;

namespace DataLayer.Bench;

/// <summary>A catalog of series that are spread over metrics evenly, metric by metric.</summary>
internal sealed class ManyMetrics(int series, int metrics) : ISeriesCatalog
{
    private readonly byte[][] _keys = [.. Enumerable.Range(0, series).Select(one => SeriesKey.Of(
        string.Create(CultureInfo.InvariantCulture, $"bench.metric{one / (series / metrics)}"), [new("host", string.Create(CultureInfo.InvariantCulture, $"host{one}"))]))];

    public int Count => series;

    public ReadOnlySpan<byte> KeyOf(int number) => _keys[number];

    public int MetricOf(int number) => number / (series / metrics) * (series / metrics);

    public int[] Select(string? name, IReadOnlyList<KeyValuePair<string, string>> labels) => throw new NotSupportedException();
}
