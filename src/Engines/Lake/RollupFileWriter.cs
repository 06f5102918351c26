using System.Runtime.InteropServices;
using DataLayer.Ingest.Series;
using ParquetSharp;

namespace DataLayer.Engines.Lake;

/// <summary>Writes one rollup file: rows in <see cref="SeriesOrder"/>, and within a series by ascending start. Owned by one thread.</summary>
internal sealed class RollupFileWriter : IDisposable
{
    private readonly int _rowGroupRows;
    private readonly ISeriesCatalog _catalog;
    private readonly RowBufferPool<RollupRowBuffer> _buffers;
    private readonly RollupRowBuffer _buffer;
    private readonly WriterProperties _properties;
    private readonly ParquetFileWriter _file;
    private readonly List<RowGroupStats> _rowGroups = [];
    private bool _isDisposed;

    public RollupFileWriter(string path, LakeContext context)
    {
        _rowGroupRows = context.Options.RowGroupRows;
        _catalog = context.Catalog;
        _properties = RollupSchema.Properties(context.Options);
        _file = new ParquetFileWriter(path, RollupSchema.Columns(), _properties);
        _buffers = context.RollupBuffers;
        _buffer = _buffers.Rent();
    }

    public long Rows { get; private set; }

    public IReadOnlyList<RowGroupStats> RowGroups => _rowGroups;

    public void Append(int series, in RollupBucket bucket, bool full)
    {
        _buffer.Append(series, bucket, full);
        if (_buffer.Count == _rowGroupRows) WriteRowGroup();
    }

    public void Close()
    {
        if (_buffer.Count > 0) WriteRowGroup();
        _file.Close();
    }

    private void WriteRowGroup()
    {
        var rows = _buffer.Count;
        var starts = _buffer.Starts.AsSpan(0, rows);
        var (min, max) = (long.MaxValue, long.MinValue);
        foreach (var start in starts) (min, max) = (Math.Min(min, start), Math.Max(max, start));
        var series = _buffer.Series.AsSpan(0, rows);
        MetricColumn.Fill(_catalog, series, _buffer.Metrics);
        _rowGroups.Add(MetricColumn.Stats(_buffer.Metrics.AsSpan(0, rows), series, min, max));
        using (var group = _file.AppendRowGroup())
        {
            Write(group, _buffer.Metrics);
            Write(group, _buffer.Series);
            Write(group, _buffer.Starts);
            Write(group, _buffer.Counts);
            Write(group, _buffer.Sums);
            Write(group, _buffer.Mins);
            Write(group, _buffer.Maxs);
            Write(group, _buffer.FirstTimes);
            Write(group, _buffer.Firsts);
            Write(group, _buffer.LastTimes);
            Write(group, _buffer.Lasts);
            WriteSketches(group);
            Write(group, _buffer.Full);
        }

        Rows += rows;
        _buffer.Count = 0;
    }

    private void Write<T>(RowGroupWriter group, T[] values) where T : unmanaged
    {
        using var column = (ColumnWriter<T>)group.NextColumn();
        column.WriteBatch(values.AsSpan(0, _buffer.Count));
    }

    private void WriteSketches(RowGroupWriter group)
    {
        using var column = (ColumnWriter<ByteArray>)group.NextColumn();
        for (var from = 0; from < _buffer.Count; from += RollupRowBuffer.SketchRows)
        {
            WriteSketches(column, _buffer.Sketches.AsSpan(from, Math.Min(RollupRowBuffer.SketchRows, _buffer.Count - from)));
        }
    }

    private static void WriteSketches(ColumnWriter<ByteArray> column, ReadOnlySpan<byte[]?> sketches)
    {
        Span<short> levels = stackalloc short[RollupRowBuffer.SketchRows];
        var values = new List<ByteArray>();
        var pins = new List<GCHandle>();
        try
        {
            for (var row = 0; row < sketches.Length; row++)
            {
                levels[row] = 0;
                if (sketches[row] is not { } sketch) continue;
                var pin = GCHandle.Alloc(sketch, GCHandleType.Pinned);
                pins.Add(pin);
                values.Add(new ByteArray(pin.AddrOfPinnedObject(), sketch.Length));
                levels[row] = 1;
            }

            column.WriteBatch(sketches.Length, levels[..sketches.Length], default, CollectionsMarshal.AsSpan(values));
        }
        finally
        {
            foreach (var pin in pins) pin.Free();
        }
    }

    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        _file.Dispose();
        _properties.Dispose();
        _buffer.Clear();
        _buffers.Return(_buffer);
    }
}
