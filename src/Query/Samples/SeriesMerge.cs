using DataLayer.Ingest.Records;

namespace DataLayer.Query.Samples;

/// <summary>Merges the stored and the hot samples of one series by time; on the same time the hot one, which came later, wins. Owned by one query.</summary>
internal sealed class SeriesMerge
{
    private readonly SeriesColumns _merged = new();

    /// <summary>The merged samples: one of the arguments, or columns that are valid until the next call.</summary>
    public SeriesColumns Merge(SeriesColumns? stored, SeriesColumns hot)
    {
        if (stored is null || stored.Count == 0) return hot;
        if (hot.Count == 0) return stored;
        _merged.Clear();
        _merged.Series = hot.Series;
        _merged.EnsureCapacity(stored.Count + hot.Count);
        var (s, h) = (0, 0);
        while (s < stored.Count && h < hot.Count)
        {
            if (stored.Times[s] < hot.Times[h])
            {
                Take(stored, s++);
                continue;
            }

            if (stored.Times[s] == hot.Times[h]) s++;
            Take(hot, h++);
        }

        while (s < stored.Count) Take(stored, s++);
        while (h < hot.Count) Take(hot, h++);
        return _merged;
    }

    private void Take(SeriesColumns from, int index)
    {
        _merged.Append(from.Times[index], from.Values[index]);
        if (from.Qualities is { } qualities) _merged.SetQuality(_merged.Count - 1, qualities[index]);
    }
}
