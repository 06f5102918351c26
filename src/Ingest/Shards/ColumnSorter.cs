using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Shards;

/// <summary>Puts samples that arrived out of order into order of time, and keeps the later arrival of two with one time.</summary>
public static class ColumnSorter
{
    /// <summary>Sorts the samples from <paramref name="first"/> on. They must be in order of arrival. Allocates: yes; only for series that need it.</summary>
    public static void Sort(SeriesColumns columns, int first)
    {
        var count = columns.Count - first;
        var order = new (long Time, int Arrival)[count];
        for (var i = 0; i < count; i++) order[i] = (columns.Times[first + i], i);
        Array.Sort(order);

        var values = columns.Values.AsSpan(first, count).ToArray();
        var qualities = columns.Qualities?.AsSpan(first, count).ToArray();
        var at = first - 1;
        for (var i = 0; i < count; i++)
        {
            if (i == 0 || order[i].Time != order[i - 1].Time) at++;
            columns.Times[at] = order[i].Time;
            columns.Values[at] = values[order[i].Arrival];
            if (qualities is not null) columns.Qualities![at] = qualities[order[i].Arrival];
        }

        columns.Count = at + 1;
    }
}
