namespace DataLayer.Query.SeriesList;

/// <summary>How many series have a label, and with which values.</summary>
internal sealed class LabelCount
{
    private readonly Dictionary<string, int> _values = new(StringComparer.Ordinal);

    /// <summary>Series that have the label.</summary>
    public int SeriesCount { get; private set; }

    public int ValueCount => _values.Count;

    public void Add(ReadOnlySpan<char> value)
    {
        SeriesCount++;
        var lookup = _values.GetAlternateLookup<ReadOnlySpan<char>>();
        lookup.TryGetValue(value, out var count);
        lookup[value] = count + 1;
    }

    /// <summary>The values with the most series, most first; equals by name, so that the answer is the same every time.</summary>
    public IEnumerable<KeyValuePair<string, int>> Top(int count) =>
        _values.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).Take(count);
}
