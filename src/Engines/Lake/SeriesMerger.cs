using DataLayer.Ingest.Records;

namespace DataLayer.Engines.Lake;

/// <summary>
/// Merges runs of samples of one series, given in order of rank: times ascending, one sample per time, the later run wins. Owned by one thread.
/// </summary>
internal sealed class SeriesMerger
{
    private SeriesColumns _merged = new();
    private SeriesColumns _scratch = new();

    public SeriesColumns Columns => _merged;

    public void Begin(int series)
    {
        _merged.Clear();
        _merged.Series = series;
    }

    /// <summary>Adds a run with ascending times.</summary>
    public void Add(ReadOnlySpan<long> times, ReadOnlySpan<double> values, ReadOnlySpan<float> qualities)
    {
        if (times.IsEmpty) return;
        if (_merged.Count > 0 && times[0] <= _merged.Times[_merged.Count - 1]) MergeSlow(times, values, qualities);
        else Append(_merged, times, values, qualities);
    }

    private void MergeSlow(ReadOnlySpan<long> times, ReadOnlySpan<double> values, ReadOnlySpan<float> qualities)
    {
        var (old, target) = (_merged, _scratch);
        target.Clear();
        target.Series = old.Series;
        var (left, right) = (0, 0);
        while (left < old.Count || right < times.Length)
        {
            if (right == times.Length || (left < old.Count && old.Times[left] < times[right]))
            {
                Append(target, old.Times[left], old.Values[left], old.Qualities is { } kept ? kept[left] : 1f);
                left++;
                continue;
            }

            if (left < old.Count && old.Times[left] == times[right]) left++;
            Append(target, times[right], values[right], qualities.IsEmpty ? 1f : qualities[right]);
            right++;
        }

        (_merged, _scratch) = (target, old);
    }

    private static void Append(SeriesColumns columns, long time, double value, float quality)
    {
        columns.Append(time, value);
        if (quality != 1f) columns.SetQuality(columns.Count - 1, quality);
    }

    private static void Append(SeriesColumns columns, ReadOnlySpan<long> times, ReadOnlySpan<double> values, ReadOnlySpan<float> qualities)
    {
        var from = columns.Count;
        columns.EnsureCapacity(from + times.Length);
        times.CopyTo(columns.Times.AsSpan(from));
        values.CopyTo(columns.Values.AsSpan(from));
        columns.Count = from + times.Length;
        columns.Qualities?.AsSpan(from, times.Length).Fill(1f);
        var odd = qualities.IndexOfAnyExcept(1f);
        if (odd < 0) return;
        columns.SetQuality(from + odd, qualities[odd]);
        qualities.CopyTo(columns.Qualities.AsSpan(from));
    }
}
