using DataLayer.Ingest.Series;

namespace DataLayer.Bench;

/// <summary>A catalog in which all series belong to one metric; it knows nothing else.</summary>
internal sealed class OneMetric : ISeriesCatalog
{
    public int Count => int.MaxValue;

    public int MetricOf(int series) => 0;

    public ReadOnlySpan<byte> KeyOf(int series) => throw new NotSupportedException();

    public int[] Select(string? name, IReadOnlyList<KeyValuePair<string, string>> labels) => throw new NotSupportedException();
}
