using DataLayer.Ingest.Series;
using ParquetSharp;

namespace DataLayer.Engines.Lake;

/// <summary>
/// Writes one samples file: runs of samples come in <see cref="SeriesOrder"/>, and within a series by ascending time. Owned by one thread.
/// </summary>
internal sealed class SampleFileWriter : IDisposable
{
    private readonly int _rowGroupRows;
    private readonly ISeriesCatalog _catalog;
    private readonly SampleRowBuffer _buffer;
    private readonly WriterProperties _properties;
    private readonly ParquetFileWriter _file;
    private readonly List<RowGroupStats> _rowGroups = [];

    /// <param name="path">A new file; the caller publishes it after <see cref="Close"/>.</param>
    public SampleFileWriter(string path, LakeOptions options, ISeriesCatalog catalog, SampleRowBuffer buffer)
    {
        _rowGroupRows = options.RowGroupRows;
        _catalog = catalog;
        _buffer = buffer;
        _buffer.Clear();
        _properties = SampleSchema.Properties(options);
        _file = new ParquetFileWriter(path, SampleSchema.Columns(), _properties);
    }

    public long Rows { get; private set; }

    public IReadOnlyList<RowGroupStats> RowGroups => _rowGroups;

    public SampleRowBuffer Buffer => _buffer;

    public void Append(int series, ReadOnlySpan<long> times, ReadOnlySpan<double> values, ReadOnlySpan<float> qualities, ref sbyte guess)
    {
        while (!times.IsEmpty)
        {
            var count = Math.Min(times.Length, _rowGroupRows - _buffer.Count);
            _buffer.Append(series, times[..count], values[..count], qualities.IsEmpty ? default : qualities[..count], ref guess);
            times = times[count..];
            values = values[count..];
            if (!qualities.IsEmpty) qualities = qualities[count..];
            if (_buffer.Count == _rowGroupRows) WriteRowGroup();
        }
    }

    public void Close()
    {
        if (_buffer.Count > 0) WriteRowGroup();
        _file.Close();
    }

    private void WriteRowGroup()
    {
        var rows = _buffer.Count;
        var (min, max) = MinMax(_buffer.Times.AsSpan(0, rows));
        var series = _buffer.Series.AsSpan(0, rows);
        MetricColumn.Fill(_catalog, series, _buffer.Metrics);
        _rowGroups.Add(MetricColumn.Stats(_buffer.Metrics.AsSpan(0, rows), series, min, max));
        using (var group = _file.AppendRowGroup())
        {
            Write<int>(group, _buffer.Metrics.AsSpan(0, rows));
            Write<int>(group, series);
            Write<long>(group, _buffer.Times.AsSpan(0, rows));
            Write<double>(group, _buffer.ValueLevels.AsSpan(0, rows), _buffer.Values.AsSpan(0, _buffer.ValueCount));
            Write<long>(group, _buffer.ScaledLevels.AsSpan(0, rows), _buffer.Scaled.AsSpan(0, _buffer.ScaledCount));
            Write<double>(group, _buffer.Divisors.AsSpan(0, rows));
            Write<float>(group, _buffer.Qualities.AsSpan(0, rows));
        }

        Rows += rows;
        _buffer.Clear();
    }

    private static void Write<T>(RowGroupWriter group, ReadOnlySpan<T> values) where T : unmanaged
    {
        using var column = (ColumnWriter<T>)group.NextColumn();
        column.WriteBatch(values);
    }

    private static void Write<T>(RowGroupWriter group, ReadOnlySpan<short> levels, ReadOnlySpan<T> values) where T : unmanaged
    {
        using var column = (ColumnWriter<T>)group.NextColumn();
        column.WriteBatch(levels.Length, levels, default, values);
    }

    private static (long Min, long Max) MinMax(ReadOnlySpan<long> times)
    {
        var (min, max) = (times[0], times[0]);
        foreach (var time in times)
        {
            min = Math.Min(min, time);
            max = Math.Max(max, time);
        }

        return (min, max);
    }

    public void Dispose()
    {
        _file.Dispose();
        _properties.Dispose();
    }
}
