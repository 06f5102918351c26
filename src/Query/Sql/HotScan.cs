using DataLayer.Ingest.Records;
using DataLayer.Query.Samples;

namespace DataLayer.Query.Sql;

/// <summary>
/// Columns series, time, value, quality: the hot samples, series by series; in the late ranges of the view merged with the stored ones. A late sample outside
/// them came after the statement began, and is not shown: the stored one is. Memory: the samples of one series.
/// </summary>
internal sealed class HotScan(SqlView view) : NativeScan
{
    private readonly SeriesColumns _hot = new();
    private readonly SeriesColumns _late = new();
    private readonly SeriesColumns _all = new();
    private readonly SeriesMerge _merge = new();
    private SeriesColumns _current = new();
    private int _series = -1;
    private int _next;

    public override int Fill(NativeChunk chunk)
    {
        var series = chunk.Column<int>(0);
        var times = chunk.Column<long>(1);
        var values = chunk.Column<double>(2);
        var qualities = chunk.Column<float>(3);
        var rows = 0;
        while (rows < NativeChunk.Capacity)
        {
            if (_next == _current.Count && !NextSeries()) break;
            var take = Math.Min(NativeChunk.Capacity - rows, _current.Count - _next);
            if (!series.IsEmpty) series.Slice(rows, take).Fill(_series);
            if (!times.IsEmpty) _current.Times.AsSpan(_next, take).CopyTo(times[rows..]);
            if (!values.IsEmpty) _current.Values.AsSpan(_next, take).CopyTo(values[rows..]);
            if (!qualities.IsEmpty && _current.Qualities is { } known) known.AsSpan(_next, take).CopyTo(qualities[rows..]);
            else if (!qualities.IsEmpty) qualities.Slice(rows, take).Fill(1f);
            rows += take;
            _next += take;
        }

        return rows;
    }

    private bool NextSeries()
    {
        while (++_series < view.SeriesEnd)
        {
            if ((_series & 0xFF) == 0) view.Cancellation.ThrowIfCancellationRequested();
            _hot.Clear();
            view.Hot.Read(_series, long.MinValue, long.MaxValue, _hot);
            if (view.HasLate && view.LateRanges.TryGetValue(_series, out var range)) ReadLate(range);
            else (_current, _next) = (_hot, FirstAfter(_hot, _hot.BaseTime));
            if (_next < _current.Count) return true;
        }

        (_series, _current, _next) = (view.SeriesEnd, _all, _all.Count);
        return false;
    }

    private void ReadLate(LateRange range)
    {
        _late.Clear();
        var from = FirstAfter(_hot, range.Start - 1);
        for (; from < _hot.Count && _hot.Times[from] < range.End; from++) Copy(_hot, from, _late);
        _all.Clear();
        SeriesColumns? stored = null;
        foreach (var columns in view.Stored.ReadSamples([range.Series], range.Start, range.End, view.Cancellation)) stored = columns;
        var merged = _merge.Merge(stored, _late);
        for (var i = 0; i < merged.Count; i++) Copy(merged, i, _all);
        for (var i = FirstAfter(_hot, _hot.BaseTime); i < _hot.Count; i++) Copy(_hot, i, _all);
        (_current, _next) = (_all, 0);
    }

    private static int FirstAfter(SeriesColumns columns, long time)
    {
        if (columns.Count == 0 || columns.Times[0] > time) return 0;
        var at = columns.Times.AsSpan(0, columns.Count).BinarySearch(time);
        return at < 0 ? ~at : at + 1;
    }

    private static void Copy(SeriesColumns from, int index, SeriesColumns to)
    {
        to.Append(from.Times[index], from.Values[index]);
        if (from.Qualities is { } qualities) to.SetQuality(to.Count - 1, qualities[index]);
    }
}
