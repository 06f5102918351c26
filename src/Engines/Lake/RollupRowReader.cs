using System.Runtime.InteropServices;
using ParquetSharp;

namespace DataLayer.Engines.Lake;

/// <summary>Reads the row groups of one rollup file, whole. Owned by one thread.</summary>
internal sealed class RollupRowReader(string path, bool verify = false) : IDisposable
{
    private readonly ParquetFileReader _file = Open(path, verify);
    private readonly RollupRowBuffer _buffer = new();

    public RollupRowBuffer Buffer => _buffer;

    public int RowGroupCount => _file.FileMetaData.NumRowGroups;

    public long Rows => _file.FileMetaData.NumRows;

    public RowGroupStats[] ReadStats() => ParquetStats.Read(_file, RollupSchema.Series, RollupSchema.Start);

    public void ReadRowGroup(int rowGroup)
    {
        using var group = _file.RowGroup(rowGroup);
        var rows = checked((int)group.MetaData.NumRows);
        _buffer.Count = 0;
        _buffer.EnsureCapacity(rows);
        Read(group, RollupSchema.Series, rows, _buffer.Series);
        Read(group, RollupSchema.Start, rows, _buffer.Starts);
        Read(group, RollupSchema.Count, rows, _buffer.Counts);
        Read(group, RollupSchema.Sum, rows, _buffer.Sums);
        Read(group, RollupSchema.Min, rows, _buffer.Mins);
        Read(group, RollupSchema.Max, rows, _buffer.Maxs);
        Read(group, RollupSchema.FirstTime, rows, _buffer.FirstTimes);
        Read(group, RollupSchema.First, rows, _buffer.Firsts);
        Read(group, RollupSchema.LastTime, rows, _buffer.LastTimes);
        Read(group, RollupSchema.Last, rows, _buffer.Lasts);
        ReadSketches(group, rows);
        Read(group, RollupSchema.Full, rows, _buffer.Full);
        _buffer.Count = rows;
    }

    /// <summary>Of the columns only series and last_time.</summary>
    public void ReadLastTimes(int rowGroup)
    {
        using var group = _file.RowGroup(rowGroup);
        var rows = checked((int)group.MetaData.NumRows);
        _buffer.Count = 0;
        _buffer.EnsureCapacity(rows);
        Read(group, RollupSchema.Series, rows, _buffer.Series);
        Read(group, RollupSchema.LastTime, rows, _buffer.LastTimes);
        _buffer.Count = rows;
    }

    private void Read<T>(RowGroupReader group, int column, int rows, T[] values) where T : unmanaged
    {
        using var reader = (ColumnReader<T>)group.Column(column);
        for (var done = 0; done < rows;)
        {
            var read = reader.ReadBatch(rows - done, values.AsSpan(done), out _);
            if (read <= 0) throw Short(column);
            done += (int)read;
        }
    }

    private void ReadSketches(RowGroupReader group, int rows)
    {
        using var reader = (ColumnReader<ByteArray>)group.Column(RollupSchema.Sketch);
        var levels = new short[rows];
        var values = new ByteArray[rows];
        for (var done = 0; done < rows;)
        {
            var read = (int)reader.ReadBatch(rows - done, levels, default, values, out _);
            if (read <= 0) throw Short(RollupSchema.Sketch);
            var value = 0;
            for (var row = 0; row < read; row++) _buffer.Sketches[done + row] = levels[row] == 0 ? null : Copy(values[value++]);
            done += read;
        }
    }

    private static byte[] Copy(ByteArray source)
    {
        var bytes = new byte[source.Length];
        Marshal.Copy(source.Pointer, bytes, 0, bytes.Length);
        return bytes;
    }

    private EngineException Short(int column) => new($"the lake's file {path} ends early in column {column}: it is damaged", isTransient: false);

    private static ParquetFileReader Open(string path, bool verify)
    {
        using var properties = ReaderProperties.GetDefaultReaderProperties();
        if (verify) properties.EnablePageChecksumVerification();
        return new ParquetFileReader(path, properties);
    }

    public void Dispose() => _file.Dispose();
}
