using System.Runtime.InteropServices;
using ParquetSharp;

namespace DataLayer.Engines.Lake;

/// <summary>Reads the row groups of one rollup file, whole. Owned by one thread.</summary>
internal sealed class RollupRowReader(string path, RollupRowBuffer buffer) : IDisposable
{
    private readonly ParquetFileReader _file = Open(path);
    private RowGroupReader? _group;
    private int _groupNumber;

    public RollupRowBuffer Buffer => buffer;

    public int RowGroupCount => _file.FileMetaData.NumRowGroups;

    public long Rows => _file.FileMetaData.NumRows;

    public RowGroupStats[] ReadStats() => ParquetStats.Read(_file, RollupSchema.Metric, RollupSchema.Series, RollupSchema.Start);

    public void ReadRowGroup(int rowGroup)
    {
        var rows = ReadLastTimes(rowGroup);
        ReadColumn(rowGroup, RollupSchema.Start, rows, buffer.Starts);
        ReadColumn(rowGroup, RollupSchema.Count, rows, buffer.Counts);
        ReadColumn(rowGroup, RollupSchema.Sum, rows, buffer.Sums);
        ReadColumn(rowGroup, RollupSchema.Min, rows, buffer.Mins);
        ReadColumn(rowGroup, RollupSchema.Max, rows, buffer.Maxs);
        ReadColumn(rowGroup, RollupSchema.FirstTime, rows, buffer.FirstTimes);
        ReadColumn(rowGroup, RollupSchema.First, rows, buffer.Firsts);
        ReadColumn(rowGroup, RollupSchema.Last, rows, buffer.Lasts);
        ReadSketches(rowGroup, rows, buffer.Sketches);
        ReadColumn(rowGroup, RollupSchema.Full, rows, buffer.Full);
    }

    /// <summary>Of the columns only series and last_time; returns the rows.</summary>
    public int ReadLastTimes(int rowGroup)
    {
        var rows = ParquetStats.RowsOf(Group(rowGroup));
        buffer.EnsureCapacity(rows);
        ReadColumn(rowGroup, RollupSchema.Series, rows, buffer.Series);
        ReadColumn(rowGroup, RollupSchema.LastTime, rows, buffer.LastTimes);
        buffer.Count = rows;
        return rows;
    }

    /// <summary>Reads all rows of a column that has no nulls.</summary>
    public void ReadColumn<T>(int rowGroup, int column, int rows, T[] values)
        where T : unmanaged
    {
        using var reader = (ColumnReader<T>)Group(rowGroup).Column(column);
        for (var done = 0; done < rows;)
        {
            var read = reader.ReadBatch(rows - done, values.AsSpan(done), out _);
            if (read <= 0) throw Short(column);
            done += (int)read;
        }
    }

    public void ReadSketches(int rowGroup, int rows, byte[]?[] sketches)
    {
        using var reader = (ColumnReader<ByteArray>)Group(rowGroup).Column(RollupSchema.Sketch);
        var levels = new short[RollupRowBuffer.SketchRows];
        var values = new ByteArray[RollupRowBuffer.SketchRows];
        for (var done = 0; done < rows;)
        {
            var read = (int)reader.ReadBatch(Math.Min(rows - done, levels.Length), levels, default, values, out _);
            if (read <= 0) throw Short(RollupSchema.Sketch);
            var value = 0;
            for (var row = 0; row < read; row++) sketches[done + row] = levels[row] == 0 ? null : Copy(values[value++]);
            done += read;
        }
    }

    private RowGroupReader Group(int number)
    {
        if (_group is { } open && _groupNumber == number) return open;
        _group?.Dispose();
        _groupNumber = number;
        return _group = _file.RowGroup(number);
    }

    private static byte[] Copy(ByteArray source)
    {
        var bytes = new byte[source.Length];
        Marshal.Copy(source.Pointer, bytes, 0, bytes.Length);
        return bytes;
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
