namespace DataLayer.Engines.Lake;

/// <summary>Goes through the events of one file, a row group in memory. Owned by one thread. Throws <see cref="DamagedFileException"/>.</summary>
internal sealed class EventCursor(LakeFile file) : IDisposable
{
    private EventFileReader? _reader;
    private StoredEvent[] _rows = [];
    private int _group;
    private int _row = -1;

    public StoredEvent Current => _rows[_row];

    public bool MoveNext()
    {
        try
        {
            _reader ??= new EventFileReader(file.Path);
            while (++_row >= _rows.Length)
            {
                if (_group == _reader.RowGroupCount) return false;
                (_rows, _row) = (_reader.ReadGroup(_group++), -1);
            }

            return true;
        }
        catch (Exception error) when (DamagedFileException.IsSign(error))
        {
            throw new DamagedFileException(file, error);
        }
    }

    public void Dispose() => _reader?.Dispose();
}
