using DataLayer.Ingest.Records;

namespace DataLayer.Engines.Feed;

/// <summary>Samples of the log on their way to an engine: a range of ordered columns. Owned by a feeder; the columns stay as they are while it is in use.</summary>
internal sealed class LogBatch : ISampleSource
{
    private readonly BatchColumns _columns;
    private readonly int _from;
    private readonly int _to;

    // Where the next series begins, and its place.
    private int _at;
    private int _place;

    public LogBatch(BatchColumns columns, long afterLsn, long endLsn)
        : this(columns, afterLsn, endLsn, 0, columns.Count)
    {
    }

    private LogBatch(BatchColumns columns, long afterLsn, long endLsn, int from, int to)
    {
        (_columns, AfterLsn, EndLsn, _from, _to) = (columns, afterLsn, endLsn, from, to);
        Reset();
    }

    public long AfterLsn { get; }

    public long EndLsn { get; }

    public long SampleCount => _to - _from;

    /// <summary>The same LSNs without a sample.</summary>
    public LogBatch Empty => new(_columns, AfterLsn, EndLsn, _from, _from);

    /// <summary>The first and the second half of the samples.</summary>
    public (LogBatch First, LogBatch Second) Halves()
    {
        var middle = _from + ((_to - _from) / 2);
        return (new LogBatch(_columns, AfterLsn, EndLsn, _from, middle), new LogBatch(_columns, AfterLsn, EndLsn, middle, _to));
    }

    public bool TryNext(SeriesColumns columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        columns.Clear();
        if (_at >= _to) return false;
        var starts = _columns.Starts;
        while (starts[_place + 1] <= _at) _place++;
        var count = Math.Min(starts[_place + 1], _to) - _at;
        columns.EnsureCapacity(count);
        _columns.Times.Slice(_at, count).CopyTo(columns.Times);
        _columns.Values.Slice(_at, count).CopyTo(columns.Values);
        columns.Count = count;
        if (!_columns.Qualities.IsEmpty)
        {
            for (var at = 0; at < count; at++) columns.SetQuality(at, _columns.Qualities[_at + at]);
        }

        (columns.Series, columns.BaseTime) = (_columns.Series[_place], _columns.BaseTimes[_place]);
        _at += count;
        return true;
    }

    public void Reset()
    {
        _at = _from;
        _place = 0;
    }

    public IReadOnlyList<ISampleSource> Split(int parts)
    {
        var split = new List<ISampleSource>(parts);
        var from = _from;
        foreach (var end in _columns.Starts[1..])
        {
            if (split.Count == parts - 1) break;
            if (end <= from || end >= _to || end - _from < SampleCount * (split.Count + 1) / parts) continue;
            split.Add(new LogBatch(_columns, AfterLsn, EndLsn, from, end));
            from = end;
        }

        split.Add(new LogBatch(_columns, AfterLsn, EndLsn, from, _to));
        return split;
    }
}
