using System.Text;
using DataLayer.Ingest.Series;
using DataLayer.Protocol;

namespace DataLayer.Engines.Feed;

/// <summary>Which series an engine takes: those whose name is in the list (a * at the end stands for any ending; an empty list: all), and that have all of the labels. Decided once for each series. Owned by one feeder.</summary>
internal sealed class SeriesFilter(ISeriesCatalog catalog, IReadOnlyList<string> names, IReadOnlyList<KeyValuePair<string, string>> labels)
{
    private const byte Unknown = 0;
    private const byte Taken = 1;
    private const byte Left = 2;

    private readonly bool _takesAll = names.Count == 0 && labels.Count == 0;
    private byte[] _known = [];

    public bool Takes(int series)
    {
        if (_takesAll) return true;
        if (series >= _known.Length) Array.Resize(ref _known, Math.Max(series + 1, Math.Max(1024, _known.Length * 2)));
        if (_known[series] == Unknown) _known[series] = Decide(catalog.KeyOf(series)) ? Taken : Left;
        return _known[series] == Taken;
    }

    private bool Decide(ReadOnlySpan<byte> key)
    {
        var reader = new SeriesKeyReader(key);
        var name = Encoding.UTF8.GetString(reader.Name);
        if (names.Count > 0 && !names.Any(pattern => Matches(pattern, name))) return false;
        var missing = labels.Count;
        while (missing > 0 && reader.TryNext(out var label, out var value))
        {
            var (labelText, valueText) = (Encoding.UTF8.GetString(label), Encoding.UTF8.GetString(value));
            if (labels.Any(wanted => wanted.Key == labelText && wanted.Value == valueText)) missing--;
        }

        return missing == 0;
    }

    private static bool Matches(string pattern, string name) =>
        pattern.EndsWith('*') ? name.StartsWith(pattern.AsSpan(0, pattern.Length - 1), StringComparison.Ordinal) : name == pattern;
}
