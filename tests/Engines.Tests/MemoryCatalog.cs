using DataLayer.Ingest.Series;
using DataLayer.Protocol;

namespace DataLayer.Engines.Tests;

/// <summary>A catalog of as many series as asked for: the name is m followed by the number, with a label "host" on every second.</summary>
internal sealed class MemoryCatalog(int count, Func<int, string>? nameOf = null) : ISeriesCatalog
{
    private readonly byte[][] _keys = [.. Enumerable.Range(0, count).Select(series => SeriesKey.Of(
        nameOf?.Invoke(series) ?? $"m{series}", series % 2 == 0 ? [] : [new("host", $"h{series}"), new("zone", "ü")]))];

    public int Count => _keys.Length;

    public ReadOnlySpan<byte> KeyOf(int series) => _keys[series];

    public int[] Select(string? name, IReadOnlyList<KeyValuePair<string, string>> labels) => throw new NotSupportedException();
}
