namespace DataLayer.Engines.Lake;

/// <summary>
/// The samples of one hour of one flush: those that cannot be stored already go to a clean file, the others to a late one. Owned by: the writer.
/// </summary>
internal sealed class HourOutput : IDisposable
{
    private readonly LakeContext _context;
    private readonly LakeTransaction _transaction;

    // What the files of this hour hold already; an hour without files has an empty range.
    private readonly int _minSeries = int.MaxValue;
    private readonly int _maxSeries = int.MinValue;
    private readonly long _minTime = long.MaxValue;
    private readonly long _maxTime = long.MinValue;
    private SampleOutput? _clean;
    private SampleOutput? _late;

    public HourOutput(LakeContext context, LakeTransaction transaction, long hour, IEnumerable<LakeFile> stored)
    {
        _context = context;
        _transaction = transaction;
        Hour = hour;
        foreach (var file in stored)
        {
            _minSeries = Math.Min(_minSeries, file.MinSeries);
            _maxSeries = Math.Max(_maxSeries, file.MaxSeries);
            _minTime = Math.Min(_minTime, file.MinTime);
            _maxTime = Math.Max(_maxTime, file.MaxTime);
        }
    }

    /// <summary>The hour's start, Unix microseconds.</summary>
    public long Hour { get; }

    /// <summary>
    /// Which of these samples (ascending times) may be stored already: those from <paramref name="from"/> on, up to <paramref name="to"/>.
    /// Samples after <paramref name="baseTime"/> are not; nor are those outside the series and times that the hour's files hold.
    /// </summary>
    public void LateRange(int series, ReadOnlySpan<long> times, long baseTime, out int from, out int to)
    {
        from = to = 0;
        if (series < _minSeries || series > _maxSeries || times[0] > baseTime) return;
        from = SampleScan.LowerBound(times, _minTime);
        var last = Math.Min(baseTime, _maxTime);
        to = last == long.MaxValue ? times.Length : SampleScan.LowerBound(times, last + 1);
        if (to < from) to = from;
    }

    public void AppendClean(int series, ReadOnlySpan<long> times, ReadOnlySpan<double> values, ReadOnlySpan<float> qualities) =>
        Append(ref _clean, series, times, values, qualities);

    public void AppendLate(int series, ReadOnlySpan<long> times, ReadOnlySpan<double> values, ReadOnlySpan<float> qualities) =>
        Append(ref _late, series, times, values, qualities);

    private void Append(ref SampleOutput? output, int series, ReadOnlySpan<long> times, ReadOnlySpan<double> values, ReadOnlySpan<float> qualities)
    {
        if (times.IsEmpty) return;
        output ??= new SampleOutput(_context, _transaction.Begin(LakeFileKind.Samples, Hour), _context.Scales);
        output.Append(series, times, values, qualities);
    }

    public void Finish()
    {
        _clean?.Finish(_transaction, late: false, level: 0);
        _late?.Finish(_transaction, late: true, level: 0);
    }

    public void Dispose()
    {
        _clean?.Dispose();
        _late?.Dispose();
    }
}
