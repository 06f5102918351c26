using System.Runtime.InteropServices;
using ParquetSharp;

namespace DataLayer.Engines.Lake;

/// <summary>Reads the row groups of one rollup file, whole. Owned by one thread.</summary>
internal sealed class RollupRowReader(string path) : IDisposable
{
    private readonly ParquetFileReader _file = Open(path);
    private readonly RollupRowBuffer _buffer = new();
    private RowGroupReader? _group;
    private int _groupNumber;

    public RollupRowBuffer Buffer => _buffer;

    public int RowGroupCount => _file.FileMetaData.NumRowGroups;

    public long Rows => _file.FileMetaData.NumRows;

    public RowGroupStats[] ReadStats() => ParquetStats.Read(_file, RollupSchema.Series, RollupSchema.Start);

    public void ReadRowGroup(int rowGroup)
    {
        var rows = ReadLastTimes(rowGroup);
        ReadColumn(rowGroup, RollupSchema.Start, rows, _buffer.Starts);
        ReadColumn(rowGroup, RollupSchema.Count, rows, _buffer.Counts);
        ReadColumn(rowGroup, RollupSchema.Sum, rows, _buffer.Sums);
        ReadColumn(rowGroup, RollupSchema.Min, rows, _buffer.Mins);
        ReadColumn(rowGroup, RollupSchema.Max, rows, _buffer.Maxs);
        ReadColumn(rowGroup, RollupSchema.FirstTime, rows, _buffer.FirstTimes);
        ReadColumn(rowGroup, RollupSchema.First, rows, _buffer.Firsts);
        ReadColumn(rowGroup, RollupSchema.Last, rows, _buffer.Lasts);
        ReadSketches(rowGroup, rows, _buffer.Sketches);
        ReadColumn(rowGroup, RollupSchema.Full, rows, _buffer.Full);
    }

    /// <summary>Of the columns only series and last_time; returns the rows.</summary>
    public int ReadLastTimes(int rowGroup)
    {
        var rows = ParquetStats.RowsOf(Group(rowGroup));
        _buffer.EnsureCapacity(rows);
        ReadColumn(rowGroup, RollupSchema.Series, rows, _buffer.Series);
        ReadColumn(rowGroup, RollupSchema.LastTime, rows, _buffer.LastTimes);
        _buffer.Count = rows;
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
        var levels = new short[rows];
        var values = new ByteArray[rows];
        for (var done = 0; done < rows;)
        {
            var read = (int)reader.ReadBatch(rows - done, levels, default, values, out _);
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
