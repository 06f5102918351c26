using System.Text;
using DataLayer.Ingest.Series;
using DataLayer.Protocol;

namespace DataLayer.Query.SeriesList;

/// <summary>Counts series by name, by label and by label value: which label makes the series. Owned by one query.</summary>
internal sealed class Cardinality
{
    private const int TextMax = ProtocolLimits.MaxLabelValueBytes;

    private readonly char[] _text = new char[TextMax];
    private readonly Dictionary<string, LabelCount> _labels = new(StringComparer.Ordinal);

    public LabelCount Names { get; } = new();

    public IReadOnlyDictionary<string, LabelCount> Labels => _labels;

    public void Add(ISeriesCatalog catalog, int series)
    {
        var reader = new SeriesKeyReader(catalog.KeyOf(series));
        Names.Add(Text(reader.Name));
        var lookup = _labels.GetAlternateLookup<ReadOnlySpan<char>>();
        while (reader.TryNext(out var name, out var value))
        {
            var label = Text(name);
            if (!lookup.TryGetValue(label, out var count)) _labels.Add(label.ToString(), count = new LabelCount());
            count.Add(Text(value));
        }
    }

    private ReadOnlySpan<char> Text(ReadOnlySpan<byte> utf8) => _text.AsSpan(0, Encoding.UTF8.GetChars(utf8, _text));
}
