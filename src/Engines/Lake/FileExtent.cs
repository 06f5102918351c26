namespace DataLayer.Engines.Lake;

/// <summary>What a check saw of a file: how many rows, in which range, in order or not. Owned by one thread.</summary>
internal sealed class FileExtent
{
    private (int Metric, int Series, long Time) _last = (-1, -1, long.MinValue);
    private int _minSeries = int.MaxValue;
    private int _maxSeries = int.MinValue;
    private long _minTime = long.MaxValue;
    private long _maxTime = long.MinValue;

    public long Rows { get; private set; }

    /// <summary>Ascending by metric, series and time, none twice.</summary>
    public bool IsSorted { get; private set; } = true;

    public void Add(ReadOnlySpan<int> metrics, ReadOnlySpan<int> series, ReadOnlySpan<long> times)
    {
        for (var row = 0; row < series.Length; row++)
        {
            var next = (metrics[row], series[row], times[row]);
            if (Rows + row > 0 && next.CompareTo(_last) <= 0) IsSorted = false;
            _last = next;
            _minSeries = Math.Min(_minSeries, series[row]);
            _maxSeries = Math.Max(_maxSeries, series[row]);
            _minTime = Math.Min(_minTime, times[row]);
            _maxTime = Math.Max(_maxTime, times[row]);
        }

        Rows += series.Length;
    }

    /// <summary>Rows without a series, whose times need not differ.</summary>
    public void AddTimes(ReadOnlySpan<long> times)
    {
        (_minSeries, _maxSeries) = (-1, -1);
        foreach (var time in times)
        {
            if (time < _maxTime) IsSorted = false;
            _minTime = Math.Min(_minTime, time);
            _maxTime = Math.Max(_maxTime, time);
        }

        Rows += times.Length;
    }

    public bool Fits(LakeFile file) =>
        (_minSeries, _maxSeries, _minTime, _maxTime) == (file.MinSeries, file.MaxSeries, file.MinTime, file.MaxTime);
}
