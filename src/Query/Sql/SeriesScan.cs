using DataLayer.Ingest.Series;
using DataLayer.Protocol;
using DuckDB.NET.Native;

namespace DataLayer.Query.Sql;

/// <summary>Columns series, name, keys, values: series of the catalog from one number to another, their labels as two lists.</summary>
internal sealed class SeriesScan(ISeriesCatalog catalog, int from, int to) : NativeScan
{
    // Per row and list: where it starts in the child vector and how long it is (duckdb_list_entry).
    private readonly (ulong Offset, ulong Length)[] _lists = new (ulong, ulong)[NativeChunk.Capacity];
    private int _next = from;

    public override int Fill(NativeChunk chunk)
    {
        var rows = Math.Min(NativeChunk.Capacity, to - _next);
        if (rows <= 0) return 0;
        var numbers = chunk.Column<int>(0);
        var names = chunk.Vector(1);
        for (var row = 0; row < rows; row++)
        {
            if (!numbers.IsEmpty) numbers[row] = _next + row;
            if (names != IntPtr.Zero) NativeChunk.SetText(names, row, new SeriesKeyReader(catalog.KeyOf(_next + row)).Name);
        }

        Labels(chunk.Vector(2), chunk.Column<(ulong, ulong)>(2), rows, isKey: true);
        Labels(chunk.Vector(3), chunk.Column<(ulong, ulong)>(3), rows, isKey: false);
        _next += rows;
        return rows;
    }

    private void Labels(IntPtr vector, Span<(ulong Offset, ulong Length)> entries, int rows, bool isKey)
    {
        if (vector == IntPtr.Zero) return;
        var total = 0UL;
        for (var row = 0; row < rows; row++)
        {
            var count = (ulong)new SeriesKeyReader(catalog.KeyOf(_next + row)).LabelCount;
            _lists[row] = (total, count);
            total += count;
        }

        _lists.AsSpan(0, rows).CopyTo(entries);
        if (NativeMethods.Vectors.DuckDBListVectorReserve(vector, Math.Max(1, total)) != DuckDBState.Success) throw new InvalidOperationException("DuckDB has no room for labels.");
        NativeMethods.Vectors.DuckDBListVectorSetSize(vector, total);
        var texts = NativeMethods.Vectors.DuckDBListVectorGetChild(vector);
        var at = 0;
        for (var row = 0; row < rows; row++)
        {
            var reader = new SeriesKeyReader(catalog.KeyOf(_next + row));
            while (reader.TryNext(out var key, out var value)) NativeChunk.SetText(texts, at++, isKey ? key : value);
        }
    }
}
