using System.Text;
using DataLayer.Protocol;

namespace DataLayer.Ingest.Series;

/// <summary>
/// Which series have a name or a label value: ascending posting lists, intersected. Built when somebody asks, from the series registered
/// since the last time, so that registering costs ingest nothing.
/// </summary>
internal sealed class SeriesIndex(ISeriesCatalog catalog)
{
    private readonly Lock _lock = new();

    // Guarded by: _lock.
    private readonly Dictionary<string, PostingList> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, PostingList>> _labels = new(StringComparer.Ordinal);
    private int _indexed;

    /// <summary>
    /// The series with this name (null: any) and all of these label values, in <see cref="SeriesOrder"/>. An empty value matches series without the label.
    /// Thread: any. Allocates: the answer, and the index of what is new. Blocks: a lock.
    /// </summary>
    public int[] Select(string? name, IReadOnlyList<KeyValuePair<string, string>> labels)
    {
        lock (_lock)
        {
            CatchUp();
            var lists = new List<PostingList>();
            if (name is not null && !TryAdd(lists, _names.GetValueOrDefault(name))) return [];
            foreach (var (label, value) in labels)
            {
                if (value.Length > 0 && !TryAdd(lists, _labels.GetValueOrDefault(label)?.GetValueOrDefault(value))) return [];
            }

            var found = lists.Count == 0 ? Enumerable.Range(0, _indexed).ToArray() : PostingList.Intersect(lists);
            foreach (var (label, value) in labels)
            {
                if (value.Length == 0) found = Without(found, label);
            }

            if (name is null) SeriesOrder.Sort(catalog, found); // Those of one name are ascending, and so in order.
            return found;
        }
    }

    private static bool TryAdd(List<PostingList> lists, PostingList? list)
    {
        if (list is null) return false;
        lists.Add(list);
        return true;
    }

    private int[] Without(int[] series, string label)
    {
        if (!_labels.TryGetValue(label, out var values)) return series;
        var having = new HashSet<int>();
        foreach (var list in values.Values) having.UnionWith(list.ToArray());
        return Array.FindAll(series, number => !having.Contains(number));
    }

    private void CatchUp()
    {
        var names = _names.GetAlternateLookup<ReadOnlySpan<char>>();
        var labels = _labels.GetAlternateLookup<ReadOnlySpan<char>>();
        var name = new char[256];
        var value = new char[4096];
        for (var count = catalog.Count; _indexed < count; _indexed++)
        {
            var key = new SeriesKeyReader(catalog.KeyOf(_indexed));
            Add(names, Decode(key.Name, name), _indexed);
            while (key.TryNext(out var label, out var labelValue))
            {
                var labelName = Decode(label, name);
                if (!labels.TryGetValue(labelName, out var values)) labels[labelName] = values = new Dictionary<string, PostingList>(StringComparer.Ordinal);
                Add(values.GetAlternateLookup<ReadOnlySpan<char>>(), Decode(labelValue, value), _indexed);
            }
        }
    }

    private static ReadOnlySpan<char> Decode(ReadOnlySpan<byte> utf8, char[] into) => into.AsSpan(0, Encoding.UTF8.GetChars(utf8, into));

    private static void Add(Dictionary<string, PostingList>.AlternateLookup<ReadOnlySpan<char>> lists, ReadOnlySpan<char> value, int series)
    {
        if (!lists.TryGetValue(value, out var list)) lists[value] = list = new PostingList();
        list.Add(series);
    }
}
