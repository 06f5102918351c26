using System.IO.Enumeration;
using System.Text;
using DataLayer.Ingest.Series;
using DataLayer.Protocol;

namespace DataLayer.Engines.Lake;

/// <summary>Says which series carry a quantile sketch; remembers the answer per series. Owned by: the writer, whose threads each have series of their own and have reserved room for all.</summary>
internal sealed class SketchSelector(IReadOnlyList<string> patterns, ISeriesCatalog catalog)
{
    private byte[] _known = [];

    public void Reserve(int series)
    {
        if (series > _known.Length) Array.Resize(ref _known, Math.Max(series, _known.Length * 2));
    }

    public bool Wants(int series)
    {
        if (patterns.Count == 0) return false;
        if (series >= _known.Length) Array.Resize(ref _known, Math.Max(series + 1, _known.Length * 2));
        if (_known[series] == 0) _known[series] = Matches(series) ? (byte)2 : (byte)1;
        return _known[series] == 2;
    }

    private bool Matches(int series)
    {
        var name = Encoding.UTF8.GetString(new SeriesKeyReader(catalog.KeyOf(series)).Name);
        return patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false));
    }
}
