using DataLayer.Ingest.Records;

namespace DataLayer.Engines.Lake;

/// <summary>
/// One thread's part of a flush: writes a source's samples by hour and their partial rollup rows, and keeps what late samples touched.
/// Used once, by one thread; parts of one flush share no series.
/// </summary>
internal sealed class FlushPart(LakeContext context, LakeTransaction transaction, LakeManifest before, ILookup<long, LakeFile> stored, ISampleSource batch) : IDisposable
{
    private readonly Dictionary<long, HourOutput> _open = [];
    private readonly HashSet<long> _done = [];
    private readonly SortedDictionary<long, LateTouches> _touches = [];
    private readonly List<RollupBucket> _minutes = [];
    private readonly List<RollupBucket> _hours = [];
    private RollupOutput? _minuteOutput;
    private RollupOutput? _hourOutput;
    private bool _isPartial;

    public long Samples { get; private set; }

    public long LateSamples { get; private set; }

    /// <summary>One more than the greatest series; 0 where there is none.</summary>
    public int SeriesEnd { get; private set; }

    /// <summary>The greatest time of a sample that the rollups leave out; long.MinValue: none was.</summary>
    public long LeftOutTo { get; private set; } = long.MinValue;

    /// <summary>By hour, what late samples touched.</summary>
    public IReadOnlyDictionary<long, LateTouches> Touches => _touches;

    public void Run(CancellationToken cancellation)
    {
        do
        {
            cancellation.ThrowIfCancellationRequested();
            WritePass(cancellation);
        }
        while (_isPartial);
    }

    /// <summary>One reading of the batch, for as many hours as may be open at once; the hours that did not fit wait for the next.</summary>
    private void WritePass(CancellationToken cancellation)
    {
        _isPartial = false;
        _minuteOutput = new RollupOutput(context, transaction, LakeFileKind.RollupMinute, full: false);
        _hourOutput = new RollupOutput(context, transaction, LakeFileKind.RollupHour, full: false);
        var columns = new SeriesColumns();
        batch.Reset();
        while (true)
        {
            columns.Clear();
            if (!batch.TryNext(columns)) break;
            cancellation.ThrowIfCancellationRequested();
            SeriesEnd = Math.Max(SeriesEnd, columns.Series + 1);
            WriteSeriesColumns(columns);
        }

        foreach (var output in _open.Values) output.Finish();
        _done.UnionWith(_open.Keys);
        _open.Clear();
        _minuteOutput!.Finish();
        _hourOutput!.Finish();
    }

    private void WriteSeriesColumns(SeriesColumns columns)
    {
        var times = columns.Times.AsSpan(0, columns.Count);
        for (var from = 0; from < times.Length;)
        {
            var hour = LakeLayout.HourOf(times[from]);
            var end = LakeLayout.HourEnd(hour);
            var to = times[^1] < end ? times.Length : from + SampleScan.LowerBound(times[from..], end);
            if (TryOpen(hour, out var output)) WriteHour(output, columns, from, to);
            from = to;
        }
    }

    private bool TryOpen(long hour, out HourOutput output)
    {
        if (_open.TryGetValue(hour, out output!)) return true;
        if (_done.Contains(hour)) return false;
        if (_open.Count == context.Options.OpenHoursMax)
        {
            _isPartial = true;
            return false;
        }

        _open.Add(hour, output = new HourOutput(context, transaction, hour, stored[hour]));
        return true;
    }

    private void WriteHour(HourOutput output, SeriesColumns columns, int from, int to)
    {
        var times = columns.Times.AsSpan(from, to - from);
        var values = columns.Values.AsSpan(from, to - from);
        var qualities = columns.Qualities is { } stated ? stated.AsSpan(from, to - from) : default;
        output.LateRange(columns.Series, times, columns.BaseTime, out var lateFrom, out var lateTo);
        Samples += times.Length;
        LateSamples += lateTo - lateFrom;
        if (lateFrom == lateTo)
        {
            output.AppendClean(columns.Series, times, values, qualities);
            WriteRollups(columns.Series, times, values, null);
            return;
        }

        output.AppendClean(columns.Series, times[..lateFrom], values[..lateFrom], qualities.IsEmpty ? default : qualities[..lateFrom]);
        output.AppendLate(
            columns.Series, times[lateFrom..lateTo], values[lateFrom..lateTo], qualities.IsEmpty ? default : qualities[lateFrom..lateTo]);
        output.AppendClean(columns.Series, times[lateTo..], values[lateTo..], qualities.IsEmpty ? default : qualities[lateTo..]);
        WriteRollups(columns.Series, times, values, TouchesOf(output.Hour, columns.Series, times[lateFrom..lateTo]));
    }

    /// <summary>Null where the raw samples of the hour are not all there any more: late samples then only add to its rollups.</summary>
    private SortedSet<long>? TouchesOf(long hour, int series, ReadOnlySpan<long> lateTimes)
    {
        if (hour < before.RawFrom) return null;
        if (!_touches.TryGetValue(hour, out var touches)) _touches[hour] = touches = new LateTouches();
        return touches.Add(series, lateTimes);
    }

    private void WriteRollups(int series, ReadOnlySpan<long> times, ReadOnlySpan<double> values, SortedSet<long>? touched)
    {
        _minutes.Clear();
        _hours.Clear();
        LeftOutTo = Math.Max(LeftOutTo, RollupBuilder.Build(times, values, LakeLayout.MicrosPerMinute, context.Sketches.Wants(series), _minutes));
        RollupBuilder.Fold(_minutes, 0, LakeLayout.MicrosPerHour, _hours);
        foreach (var minute in _minutes)
        {
            if (touched is null || !touched.Contains(minute.Start)) _minuteOutput!.Append(series, minute);
        }

        foreach (var hour in _hours)
        {
            if (touched is null || !Overlaps(touched, hour.Start)) _hourOutput!.Append(series, hour);
        }
    }

    private static bool Overlaps(SortedSet<long> minutes, long hour) =>
        minutes.GetViewBetween(hour, hour > long.MaxValue - LakeLayout.MicrosPerHour ? long.MaxValue : hour + LakeLayout.MicrosPerHour - 1).Count > 0;

    public void Dispose()
    {
        foreach (var output in _open.Values) output.Dispose();
        _minuteOutput?.Dispose();
        _hourOutput?.Dispose();
    }
}
