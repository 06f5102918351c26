using DataLayer.Ingest.Series;
using DataLayer.Protocol;

namespace DataLayer.Engines.Tests;

/// <summary>A catalog of as many series as asked for: the name is m followed by the number, with a label "host" on every second.</summary>
internal sealed class MemoryCatalog(int count, Func<int, string>? nameOf = null) : ISeriesCatalog
{
    private readonly byte[][] _keys = [.. Enumerable.Range(0, count).Select(series => SeriesKey.Of(
        nameOf?.Invoke(series) ?? $"m{series}", series % 2 == 0 ? [] : [new("host", $"h{series}"), new("zone", "ü")]))];

    private readonly int[] _metrics = [.. Enumerable.Range(0, count).Select(series => nameOf is null ? series : Enumerable.Range(0, count).First(other => nameOf(other) == nameOf(series)))];

    /// <summary>Three metrics by turns, so that the order of the series is not that of their numbers.</summary>
    public static MemoryCatalog Mixed(int count) => new(count, series => $"m{series % 3}");

    public int Count => _keys.Length;

    public int MetricOf(int series) => _metrics[series];

    public ReadOnlySpan<byte> KeyOf(int series) => _keys[series];

    public int[] Select(string? name, IReadOnlyList<KeyValuePair<string, string>> labels) => throw new NotSupportedException();
}
