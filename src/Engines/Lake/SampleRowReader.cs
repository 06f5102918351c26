using System.Numerics;
using ParquetSharp;

namespace DataLayer.Engines.Lake;

/// <summary>
/// Reads the row groups of one samples file: the series column first, then only the rows that are wanted. Owned by one thread.
/// </summary>
internal sealed class SampleRowReader(string path, SampleRowBuffer buffer) : IDisposable
{
    private readonly ParquetFileReader _file = Open(path);
    private readonly short[] _none = [];
    private RowGroupReader? _group;

    // Rows _first … of the row group lie in the buffer from index 0 on.
    private int _first;

    public SampleRowBuffer Buffer => buffer;

    public int RowGroupCount => _file.FileMetaData.NumRowGroups;

    public long Rows => _file.FileMetaData.NumRows;

    /// <summary>Reads the statistics of every row group from the footer.</summary>
    public RowGroupStats[] ReadStats() => ParquetStats.Read(_file, SampleSchema.Metric, SampleSchema.Series, SampleSchema.Time);

    /// <summary>Reads the series column of a row group; the buffer's <c>Series</c> and <c>Count</c> are valid then.</summary>
    public ReadOnlySpan<int> ReadSeries(int rowGroup)
    {
        _group?.Dispose();
        _group = _file.RowGroup(rowGroup);
        var rows = ParquetStats.RowsOf(_group);
        buffer.Clear();
        buffer.EnsureCapacity(rows);
        Read(SampleSchema.Series, 0, rows, _none, buffer.Series, out _);
        buffer.Count = rows;
        _first = 0;
        return buffer.Series.AsSpan(0, rows);
    }

    /// <summary>Reads the metric column of the row group whose series were read.</summary>
    public ReadOnlySpan<int> ReadMetrics()
    {
        Read(SampleSchema.Metric, 0, buffer.Count, _none, buffer.Metrics, out _);
        return buffer.Metrics.AsSpan(0, buffer.Count);
    }

    /// <summary>Reads the other columns of the rows first ≤ row &lt; end of the row group whose series were read.</summary>
    public void ReadRows(int first, int end)
    {
        var rows = end - first;
        Read(SampleSchema.Time, first, rows, _none, buffer.Times, out _);
        Read(SampleSchema.Value, first, rows, buffer.ValueLevels, buffer.Values, out buffer.ValueCount);
        Read(SampleSchema.Scaled, first, rows, buffer.ScaledLevels, buffer.Scaled, out buffer.ScaledCount);
        Read(SampleSchema.Divisor, first, rows, _none, buffer.Divisors, out _);
        Read(SampleSchema.Quality, first, rows, _none, buffer.Qualities, out _);
        _first = first;
        Unpack(rows);
    }

    /// <summary>The times of rows (numbers within the row group) that were read.</summary>
    public ReadOnlySpan<long> Times(int first, int end) => buffer.Times.AsSpan(first - _first, end - first);

    public ReadOnlySpan<double> Values(int first, int end) => buffer.Values.AsSpan(first - _first, end - first);

    public ReadOnlySpan<float> Qualities(int first, int end) => buffer.Qualities.AsSpan(first - _first, end - first);

    /// <summary>Spreads the packed values to one per row, from the back, in place; scaled ones become doubles again.</summary>
    private void Unpack(int rows)
    {
        var (plain, scaled) = (buffer.ValueCount, buffer.ScaledCount);
        if (plain == rows) return;
        if (scaled == rows)
        {
            Divide(buffer.Scaled.AsSpan(0, rows), buffer.Divisors, buffer.Values);
            return;
        }

        var (values, levels) = (buffer.Values, buffer.ScaledLevels);
        for (var row = rows - 1; row >= 0; row--)
        {
            if (levels[row] != 0)
            {
                values[row] = buffer.Scaled[--scaled] / buffer.Divisors[row];
            }
            else
            {
                values[row] = values[--plain];
            }
        }
    }

    private static void Divide(ReadOnlySpan<long> scaled, ReadOnlySpan<double> divisors, Span<double> values)
    {
        var row = 0;
        for (; row <= scaled.Length - Vector<long>.Count; row += Vector<long>.Count)
        {
            (Vector.ConvertToDouble(new Vector<long>(scaled[row..])) / new Vector<double>(divisors[row..])).CopyTo(values[row..]);
        }

        for (; row < scaled.Length; row++) values[row] = scaled[row] / divisors[row];
    }

    private void Read<T>(int column, int first, int rows, short[] levels, T[] values, out int valueCount) where T : unmanaged
    {
        using var reader = (ColumnReader<T>)_group!.Column(column);
        if (first > 0 && reader.Skip(first) != first) throw Short(column);
        valueCount = 0;
        for (var done = 0; done < rows;)
        {
            var read = reader.ReadBatch(
                rows - done, levels.Length == 0 ? default : levels.AsSpan(done), default, values.AsSpan(valueCount), out var count);
            if (read <= 0) throw Short(column);
            done += (int)read;
            valueCount += (int)count;
        }
    }

    private EngineException Short(int column) => new($"the lake's file {path} ends early in column {column}: it is damaged", isTransient: false);

    private static ParquetFileReader Open(string path)
    {
        using var properties = ReaderProperties.GetDefaultReaderProperties();
        properties.EnablePageChecksumVerification(); // A flipped bit must not become a wrong value.
        return new ParquetFileReader(path, properties);
    }

    public void Dispose()
    {
        _group?.Dispose();
        _file.Dispose();
    }
}
