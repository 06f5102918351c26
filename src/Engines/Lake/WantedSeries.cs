using DataLayer.Ingest.Series;

namespace DataLayer.Engines.Lake;

/// <summary>The series that a scan looks for, and where their rows are in columns that are in <see cref="SeriesOrder"/>. Immutable; safe from any thread.</summary>
internal sealed class WantedSeries
{
    private readonly ISeriesCatalog _catalog;
    private readonly ReadOnlyMemory<int> _series;
    private readonly long[] _orders;
    private readonly int _least = int.MaxValue;
    private readonly int _greatest = int.MinValue;

    /// <param name="series">In order; throws <see cref="ArgumentException"/> otherwise: a scan would miss some.</param>
    public WantedSeries(ISeriesCatalog catalog, ReadOnlyMemory<int> series)
    {
        (_catalog, _series) = (catalog, series);
        _orders = new long[series.Length];
        for (var at = 0; at < _orders.Length; at++)
        {
            var number = series.Span[at];
            _orders[at] = SeriesOrder.Of(catalog, number);
            if (at > 0 && _orders[at - 1] >= _orders[at]) throw new ArgumentException($"series {number} comes after one that it should precede", nameof(series));
            (_least, _greatest) = (Math.Min(_least, number), Math.Max(_greatest, number));
        }
    }

    public int Count => _orders.Length;

    public int this[int at] => _series.Span[at];

    /// <summary>Whether the file may hold some of them.</summary>
    public bool AnyIn(LakeFile file) => _greatest >= file.MinSeries && _least <= file.MaxSeries;

    /// <summary>Whether the row group may.</summary>
    public bool AnyIn(in RowGroupStats group)
    {
        for (var at = AtOrAfter(SeriesOrder.Of(group.MinMetric, 0)); at < _orders.Length && _orders[at] >> 32 <= group.MaxMetric; at++)
        {
            var series = this[at];
            if (series >= group.MinSeries && series <= group.MaxSeries) return true;
        }

        return false;
    }

    /// <summary>Those that may lie in a column: from ≤ at &lt; to.</summary>
    public (int From, int To) Within(ReadOnlySpan<int> column) =>
        (AtOrAfter(SeriesOrder.Of(_catalog, column[0])), AtOrAfter(SeriesOrder.Of(_catalog, column[^1]) + 1));

    /// <summary>Finds the rows of the wanted series <paramref name="at"/> in a column, from a row on. Where it has none, <paramref name="end"/> is where they would be.</summary>
    public bool TryRun(ReadOnlySpan<int> column, int from, int at, out int start, out int end)
    {
        var series = this[at];
        start = from < column.Length && column[from] == series ? from : RowAtOrAfter(column, from, _orders[at]);
        var length = column[start..].IndexOfAnyExcept(series);
        end = length < 0 ? column.Length : start + length;
        return start < end;
    }

    private int AtOrAfter(long order) => SampleScan.LowerBound(_orders, order);

    private int RowAtOrAfter(ReadOnlySpan<int> column, int from, long order)
    {
        var (low, high) = (from, column.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (SeriesOrder.Of(_catalog, column[middle]) < order) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
