using DataLayer.Engines;
using DataLayer.Ingest.Records;

namespace DataLayer.Query;

/// <summary>The lake, and for times that its retention has removed another engine, as one view. Each time is answered by one of them alone. Owned by one query.</summary>
internal sealed class HistorySnapshot(IEngineSnapshot lake, IEngineSnapshot history) : IEngineSnapshot
{
    public long Position => lake.Position;

    public long RawFromMicros => history.RawFromMicros;

    public IEnumerable<SeriesColumns> ReadSamples(int[] series, long startMicros, long endMicros, CancellationToken cancellation)
    {
        var border = lake.RawFromMicros;
        if (startMicros >= border) return lake.ReadSamples(series, startMicros, endMicros, cancellation);
        if (endMicros <= border) return history.ReadSamples(series, startMicros, endMicros, cancellation);
        return Joined(series, history.ReadSamples(series, startMicros, border, cancellation), lake.ReadSamples(series, border, endMicros, cancellation));
    }

    /// <summary>Rollups have a retention of their own, and are the lake's.</summary>
    public IEnumerable<RollupColumns> ReadRollups(Resolution resolution, int[] series, long startMicros, long endMicros, RollupFields fields, CancellationToken cancellation) =>
        lake.ReadRollups(resolution, series, startMicros, endMicros, fields, cancellation);

    public bool TryLatest(int series, out long timeMicros, out double value) => lake.TryLatest(series, out timeMicros, out value) || history.TryLatest(series, out timeMicros, out value);

    public void Dispose()
    {
        history.Dispose();
        lake.Dispose();
    }

    /// <summary>Series by series, in the order asked for: the old part, then the new one.</summary>
    private static IEnumerable<SeriesColumns> Joined(int[] series, IEnumerable<SeriesColumns> old, IEnumerable<SeriesColumns> recent)
    {
        using var olds = old.GetEnumerator();
        using var recents = recent.GetEnumerator();
        var (hasOld, hasRecent) = (olds.MoveNext(), recents.MoveNext());
        var both = new SeriesColumns();
        foreach (var number in series)
        {
            var (isOld, isRecent) = (hasOld && olds.Current.Series == number, hasRecent && recents.Current.Series == number);
            if (isOld && isRecent)
            {
                both.Clear();
                both.Series = number;
                Append(both, olds.Current);
                Append(both, recents.Current);
                yield return both;
            }
            else if (isOld || isRecent)
            {
                yield return isOld ? olds.Current : recents.Current;
            }

            if (isOld) hasOld = olds.MoveNext();
            if (isRecent) hasRecent = recents.MoveNext();
        }
    }

    private static void Append(SeriesColumns both, SeriesColumns part)
    {
        for (var at = 0; at < part.Count; at++)
        {
            both.Append(part.Times[at], part.Values[at]);
            if (part.Qualities is { } qualities) both.SetQuality(both.Count - 1, qualities[at]);
        }
    }
}
