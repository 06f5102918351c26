using DataLayer.Ingest.Records;
using DataLayer.Ingest.Series;
using DataLayer.Ingest.Shards;

namespace DataLayer.Engines.Feed;

/// <summary>
/// The samples of a batch under way: taken from records in order of arrival, then put in order of series and time, one sample per time. Filled and ordered by one thread;
/// read as <see cref="LogBatch"/> until it is cleared for its next use. Memory is kept from batch to batch.
/// </summary>
internal sealed class BatchColumns(ISeriesCatalog catalog)
{
    private readonly SeriesColumns _one = new();

    // By arrival.
    private int[] _places = [];
    private long[] _times = [];
    private double[] _values = [];
    private float[] _qualities = [];
    private bool _hasQuality;

    // By series number: its place in this batch, valid where the mark is this batch's.
    private int[] _placeOf = [];
    private uint[] _markOf = [];
    private uint _mark = 1;

    // By place: the series, in order of appearance until Order().
    private int[] _series = [];
    private int[] _starts = [];
    private long[] _baseTimes = [];

    // After Order(): the samples as they are given out.
    private long[] _orderedTimes = [];
    private double[] _orderedValues = [];
    private float[] _orderedQualities = [];

    /// <summary>Samples taken in, or, once ordered, left without duplicates.</summary>
    public int Count { get; private set; }

    /// <summary>Samples taken in.</summary>
    public int Taken { get; private set; }

    public int SeriesCount { get; private set; }

    /// <summary>What a sample takes in memory: place, time and value twice, quality twice.</summary>
    public long Bytes => Taken * (_hasQuality ? 44L : 36L);

    public ReadOnlySpan<int> Series => _series.AsSpan(0, SeriesCount);

    /// <summary>Where the samples of a place begin; one more than there are series.</summary>
    public ReadOnlySpan<int> Starts => _starts.AsSpan(0, SeriesCount + 1);

    public ReadOnlySpan<long> BaseTimes => _baseTimes.AsSpan(0, SeriesCount);

    public ReadOnlySpan<long> Times => _orderedTimes.AsSpan(0, Count);

    public ReadOnlySpan<double> Values => _orderedValues.AsSpan(0, Count);

    /// <summary>Empty where all are 1.</summary>
    public ReadOnlySpan<float> Qualities => _hasQuality ? _orderedQualities.AsSpan(0, Count) : default;

    public void Clear()
    {
        (Count, Taken, SeriesCount, _hasQuality) = (0, 0, 0, false);
        if (++_mark != 0) return;
        Array.Clear(_markOf); // After four billion batches.
        _mark = 1;
    }

    public void Add(int series, long time, double value, float quality)
    {
        if (Taken == _times.Length) Grow();
        _places[Taken] = PlaceOf(series);
        _times[Taken] = time;
        _values[Taken] = value;
        if (quality != 1f && !_hasQuality)
        {
            _hasQuality = true;
            Array.Resize(ref _qualities, _times.Length);
            Array.Fill(_qualities, 1f, 0, Taken);
        }

        if (_hasQuality) _qualities[Taken] = quality;
        Taken++;
        Count++;
    }

    /// <summary>Puts the samples in order. <paramref name="known"/> gives the base times, and learns what this batch holds.</summary>
    public void Order(KnownTimes known)
    {
        Scatter(RankSeries());
        Compact();
        for (var place = 0; place < SeriesCount; place++)
        {
            _baseTimes[place] = known.Of(_series[place]);
            known.Learn(_series[place], _orderedTimes[_starts[place + 1] - 1]);
        }
    }

    private int PlaceOf(int series)
    {
        if (series >= _placeOf.Length)
        {
            var size = Math.Max(series + 1, Math.Max(1024, _placeOf.Length * 2));
            Array.Resize(ref _placeOf, size);
            Array.Resize(ref _markOf, size);
        }

        if (_markOf[series] == _mark) return _placeOf[series];
        if (SeriesCount == _series.Length) Array.Resize(ref _series, Math.Max(1024, _series.Length * 2));
        _series[SeriesCount] = series;
        _markOf[series] = _mark;
        return _placeOf[series] = SeriesCount++;
    }

    private void Grow()
    {
        var size = Math.Max(4096, _times.Length * 2);
        Array.Resize(ref _places, size);
        Array.Resize(ref _times, size);
        Array.Resize(ref _values, size);
        if (_hasQuality) Array.Resize(ref _qualities, size);
    }

    /// <summary>Sorts the series; by old place, the new one.</summary>
    private int[] RankSeries()
    {
        var keys = new long[SeriesCount];
        var old = new int[SeriesCount];
        for (var place = 0; place < SeriesCount; place++) (keys[place], old[place]) = (SeriesOrder.Of(catalog, _series[place]), place);
        Array.Sort(keys, old);
        var ranks = new int[SeriesCount];
        var sorted = new int[Math.Max(_series.Length, SeriesCount)];
        for (var rank = 0; rank < SeriesCount; rank++)
        {
            ranks[old[rank]] = rank;
            sorted[rank] = _series[old[rank]];
        }

        _series = sorted;
        if (_starts.Length <= SeriesCount) (_starts, _baseTimes) = (new int[_series.Length + 1], new long[_series.Length + 1]);
        return ranks;
    }

    /// <summary>To each sample its place among those of its series, in order of arrival.</summary>
    private void Scatter(int[] ranks)
    {
        Array.Clear(_starts, 0, SeriesCount + 1);
        for (var at = 0; at < Taken; at++) _starts[ranks[_places[at]] + 1]++;
        for (var rank = 0; rank < SeriesCount; rank++) _starts[rank + 1] += _starts[rank];
        if (_orderedTimes.Length < Taken) (_orderedTimes, _orderedValues) = (new long[_times.Length], new double[_times.Length]);
        if (_hasQuality && _orderedQualities.Length < Taken) _orderedQualities = new float[_times.Length];
        var next = _starts.AsSpan(0, SeriesCount).ToArray();
        for (var at = 0; at < Taken; at++)
        {
            var to = next[ranks[_places[at]]]++;
            _orderedTimes[to] = _times[at];
            _orderedValues[to] = _values[at];
            if (_hasQuality) _orderedQualities[to] = _qualities[at];
        }
    }

    /// <summary>Sorts the series that need it by time and takes out what came twice.</summary>
    private void Compact()
    {
        var end = 0;
        for (var place = 0; place < SeriesCount; place++)
        {
            var (from, to) = (_starts[place], _starts[place + 1]);
            _starts[place] = end;
            if (IsAscending(_orderedTimes.AsSpan(from, to - from)))
            {
                if (end != from) Move(from, end, to - from);
                end += to - from;
            }
            else
            {
                end += SortInto(from, to, end);
            }
        }

        _starts[SeriesCount] = Count = end;
    }

    private static bool IsAscending(ReadOnlySpan<long> times)
    {
        for (var at = 1; at < times.Length; at++)
        {
            if (times[at] <= times[at - 1]) return false;
        }

        return true;
    }

    private void Move(int from, int to, int count)
    {
        Array.Copy(_orderedTimes, from, _orderedTimes, to, count);
        Array.Copy(_orderedValues, from, _orderedValues, to, count);
        if (_hasQuality) Array.Copy(_orderedQualities, from, _orderedQualities, to, count);
    }

    private int SortInto(int from, int to, int end)
    {
        _one.Clear();
        for (var at = from; at < to; at++)
        {
            _one.Append(_orderedTimes[at], _orderedValues[at]);
            if (_hasQuality) _one.SetQuality(_one.Count - 1, _orderedQualities[at]);
        }

        ColumnSorter.Sort(_one, 0);
        for (var at = 0; at < _one.Count; at++)
        {
            _orderedTimes[end + at] = _one.Times[at];
            _orderedValues[end + at] = _one.Values[at];
            if (_hasQuality) _orderedQualities[end + at] = _one.Qualities?[at] ?? 1f;
        }

        return _one.Count;
    }
}
