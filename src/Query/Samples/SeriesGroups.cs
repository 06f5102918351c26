using System.Text;
using DataLayer.Ingest.Series;
using DataLayer.Protocol;

namespace DataLayer.Query.Samples;

/// <summary>Which of the chosen series have the same values of some labels: they are answered as one. Groups are numbered in order of their first series. Owned by one query.</summary>
internal sealed class SeriesGroups
{
    private readonly Dictionary<int, int> _groupOf = [];
    private readonly List<byte[]> _keys = [];

    /// <param name="name">What the groups are called: the metric.</param>
    /// <param name="labels">None: all series are one group.</param>
    public SeriesGroups(ISeriesCatalog catalog, int[] series, string name, IReadOnlyList<string> labels)
    {
        var wanted = labels.Select(Encoding.UTF8.GetBytes).ToArray();
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var builder = new SeriesKeyBuilder();
        foreach (var one in series)
        {
            builder.Begin(name);
            var reader = new SeriesKeyReader(catalog.KeyOf(one));
            while (wanted.Length > 0 && reader.TryNext(out var label, out var value))
            {
                foreach (var want in wanted)
                {
                    if (label.SequenceEqual(want)) builder.AddLabel(label, value);
                }
            }

            builder.Finish(out var key);
            var text = Encoding.Latin1.GetString(key);
            if (!numbers.TryGetValue(text, out var number))
            {
                numbers.Add(text, number = _keys.Count);
                _keys.Add(key.ToArray());
            }

            _groupOf.Add(one, number);
        }
    }

    public int Count => _keys.Count;

    public int Of(int series) => _groupOf[series];

    public ReadOnlySpan<byte> KeyOf(int group) => _keys[group];
}
