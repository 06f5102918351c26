using DataLayer.Ingest.Series;

namespace DataLayer.Engines.Lake;

/// <summary>Walks a rollup file row by row. Owned by one thread.</summary>
internal sealed class RollupCursor : IDisposable
{
    private readonly RollupRowReader _reader;
    private readonly LakeFile _file;
    private readonly RowBufferPool<RollupRowBuffer> _buffers;
    private readonly ISeriesCatalog _catalog;
    private int _group = -1;
    private int _row = -1;

    public RollupCursor(LakeFile file, LakeContext context)
    {
        (_file, _buffers, _catalog) = (file, context.RollupBuffers, context.Catalog);
        try
        {
            _reader = new RollupRowReader(file.Path, _buffers.Rent());
        }
        catch (Exception error) when (DamagedFileException.IsSign(error))
        {
            throw new DamagedFileException(file, error);
        }

        MoveNext();
    }

    /// <summary>The series of the row; int.MaxValue at the end.</summary>
    public int Series { get; private set; }

    /// <summary>The place of the series in <see cref="SeriesOrder"/>; long.MaxValue at the end.</summary>
    public long Order { get; private set; }

    public RollupBucket Bucket => _reader.Buffer[_row];

    public bool IsFull => _reader.Buffer.Full[_row];

    public void MoveNext()
    {
        _row++;
        while (_row >= _reader.Buffer.Count)
        {
            if (++_group >= _reader.RowGroupCount)
            {
                (Series, Order) = (int.MaxValue, long.MaxValue);
                return;
            }

            try
            {
                _reader.ReadRowGroup(_group);
            }
            catch (Exception error) when (DamagedFileException.IsSign(error))
            {
                throw new DamagedFileException(_file, error);
            }

            _row = 0;
        }

        var series = _reader.Buffer.Series[_row];
        if (series == Series && _row > 0) return;
        (Series, Order) = (series, SeriesOrder.Of(_catalog, series));
    }

    public void Dispose()
    {
        _reader.Dispose();
        _reader.Buffer.Clear();
        _buffers.Return(_reader.Buffer);
    }
}
