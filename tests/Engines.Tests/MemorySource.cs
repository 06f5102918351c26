using DataLayer.Ingest.Records;
using DataLayer.Ingest.Series;

namespace DataLayer.Engines.Tests;

/// <summary>A batch in memory: samples in order of arrival, given out as the hot store does.</summary>
internal sealed class MemorySource : ISampleSource
{
    private readonly List<(int Series, Sample[] Samples)> _series;
    private readonly Func<int, long> _baseTime;
    private int _next;

    public MemorySource(long afterLsn, long endLsn, IReadOnlyList<Sample> samples, Func<int, long> baseTime, ISeriesCatalog? catalog = null)
    {
        (AfterLsn, EndLsn, SampleCount, _baseTime) = (afterLsn, endLsn, samples.Count, baseTime);
        _series = [.. samples.GroupBy(sample => sample.Series).OrderBy(group => catalog is null ? group.Key : SeriesOrder.Of(catalog, group.Key)).Select(group => (group.Key,
            group.GroupBy(sample => sample.Time).OrderBy(times => times.Key).Select(times => times.Last()).ToArray()))];
    }

    public long AfterLsn { get; }

    public long EndLsn { get; }

    public long SampleCount { get; }

    public bool TryNext(SeriesColumns columns)
    {
        columns.Clear();
        if (_next == _series.Count) return false;
        var (series, samples) = _series[_next++];
        columns.Series = series;
        columns.BaseTime = _baseTime(series);
        foreach (var sample in samples)
        {
            columns.Append(sample.Time, sample.Value);
            columns.SetQuality(columns.Count - 1, sample.Quality);
        }

        return true;
    }

    public void Reset() => _next = 0;

    public IReadOnlyList<ISampleSource> Split(int parts) => [.. Enumerable.Range(0, parts).Select(part =>
        new MemorySource(this, _series.Count * part / parts, _series.Count * (part + 1) / parts))];

    private MemorySource(MemorySource whole, int from, int to)
    {
        (AfterLsn, EndLsn, SampleCount, _baseTime) = (whole.AfterLsn, whole.EndLsn, whole.SampleCount, whole._baseTime);
        _series = whole._series[from..to];
    }
}
