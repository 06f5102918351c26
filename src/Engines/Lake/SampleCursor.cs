using DataLayer.Ingest.Series;

namespace DataLayer.Engines.Lake;

/// <summary>Walks a samples file from front to back, run by run of one series; a run ends with its row group. Owned by one thread.</summary>
internal sealed class SampleCursor : IDisposable
{
    private readonly SampleRowReader _reader;
    private readonly LakeFile _file;
    private readonly LakeContext _context;
    private int _group = -1;
    private int _rows;
    private int _from;
    private int _to;

    public SampleCursor(LakeFile file, LakeContext context)
    {
        (_file, _context) = (file, context);
        try
        {
            _reader = new SampleRowReader(file.Path, context.SampleBuffers.Rent());
        }
        catch (Exception error) when (DamagedFileException.IsSign(error))
        {
            throw new DamagedFileException(file, error);
        }

        MoveNext();
    }

    /// <summary>The series of the run; int.MaxValue at the end.</summary>
    public int Series { get; private set; }

    /// <summary>The place of the series in <see cref="SeriesOrder"/>; long.MaxValue at the end.</summary>
    public long Order { get; private set; }

    public ReadOnlySpan<long> Times => _reader.Times(_from, _to);

    public ReadOnlySpan<double> Values => _reader.Values(_from, _to);

    public ReadOnlySpan<float> Qualities => _reader.Qualities(_from, _to);

    public void MoveNext()
    {
        try
        {
            MoveNextUnguarded();
        }
        catch (Exception error) when (DamagedFileException.IsSign(error))
        {
            throw new DamagedFileException(_file, error);
        }
    }

    private void MoveNextUnguarded()
    {
        _from = _to;
        while (_from == _rows)
        {
            if (++_group >= _reader.RowGroupCount)
            {
                (Series, Order) = (int.MaxValue, long.MaxValue);
                return;
            }

            _rows = _reader.ReadSeries(_group).Length;
            _reader.ReadRows(0, _rows);
            _from = 0;
        }

        var series = _reader.Buffer.Series.AsSpan(0, _rows);
        Series = series[_from];
        Order = SeriesOrder.Of(_context.Catalog, Series);
        var length = series[_from..].IndexOfAnyExcept(Series);
        _to = length < 0 ? _rows : _from + length;
    }

    public void Dispose()
    {
        _reader.Dispose();
        _context.SampleBuffers.Return(_reader.Buffer);
    }
}
