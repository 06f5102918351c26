namespace DataLayer.Engines.ClickHouse;

/// <summary>The rows of some series as columns, series by series: samples, or buckets of a rollup. Owned by one reader.</summary>
internal sealed class FetchedRows
{
    private long _last = -1;

    /// <summary>The rows of each series, by its number in the database.</summary>
    public Dictionary<long, (int From, int To)> Ranges { get; } = [];

    /// <summary>Of the samples or the buckets' starts, Unix microseconds.</summary>
    public List<long> Times { get; } = [];

    /// <summary>Of samples.</summary>
    public List<float> Qualities { get; } = [];

    /// <summary>Counts, times of first and last samples: of rollups.</summary>
    public List<long>[] Numbers { get; } = [[], [], []];

    /// <summary>Values of samples, or sums, minima, maxima, first and last values of rollups.</summary>
    public List<double>[] Values { get; } = [[], [], [], [], []];

    /// <summary>Notes whose rows follow; call it before the rows are added to <see cref="Times"/>.</summary>
    public void AddSeries(ReadOnlySpan<long> ids)
    {
        for (var at = 0; at < ids.Length;)
        {
            var id = ids[at];
            var end = ids[at..].IndexOfAnyExcept(id);
            var count = end < 0 ? ids.Length - at : end;
            var from = id == _last ? Ranges[id].From : Times.Count + at;
            Ranges[id] = (from, Times.Count + at + count);
            _last = id;
            at += count;
        }
    }
}
