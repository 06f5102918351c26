namespace DataLayer.Ingest.Series;

/// <summary>Ascending series numbers. Owned by its index, under its lock.</summary>
internal sealed class PostingList
{
    private int[] _series = new int[1];

    public int Count { get; private set; }

    /// <summary>Adds a number greater than all before.</summary>
    public void Add(int series)
    {
        if (Count == _series.Length) Array.Resize(ref _series, Count * 2);
        _series[Count++] = series;
    }

    public int[] ToArray() => _series.AsSpan(0, Count).ToArray();

    /// <summary>The numbers in all of the lists, by looking up those of the shortest in the others.</summary>
    public static int[] Intersect(List<PostingList> lists)
    {
        lists.Sort((a, b) => a.Count.CompareTo(b.Count));
        var found = lists[0].ToArray();
        for (var i = 1; i < lists.Count && found.Length > 0; i++)
        {
            var other = lists[i];
            var from = 0;
            found = Array.FindAll(found, series => other.Contains(series, ref from));
        }

        return found;
    }

    private bool Contains(int series, ref int from)
    {
        // Gallop from the last place: both lists ascend.
        var step = 1;
        var low = from;
        while (low + step < Count && _series[low + step] < series) (low, step) = (low + step, step * 2);
        var at = Array.BinarySearch(_series, low, Math.Min(step + 1, Count - low), series);
        from = at >= 0 ? at : Math.Min(~at, Count - 1);
        return at >= 0;
    }
}
