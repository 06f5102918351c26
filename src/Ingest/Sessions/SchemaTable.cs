namespace DataLayer.Ingest.Sessions;

/// <summary>The schemas of one connection, by the client's numbers, within the budget that all connections share. Owned by a session.</summary>
internal sealed class SchemaTable(SessionHost host) : IDisposable
{
    /// <summary>A schema's memory: an object or two, and per series a number, a column and a slot.</summary>
    private const int BytesPerSchema = 256;
    private const int BytesPerSeries = 12;

    private readonly Dictionary<long, SessionSchema> _schemas = [];
    private SessionSchema? _last;
    private long _lastNumber;

    /// <summary>Thread: the session's. Allocates: no. Blocks: no. Fails: returns null.</summary>
    public SessionSchema? Find(long number)
    {
        if (number == _lastNumber && _last is not null) return _last;
        if (!_schemas.TryGetValue(number, out var found)) return null;
        (_last, _lastNumber) = (found, number);
        return found;
    }

    /// <summary>Takes room for a schema of so many series; false where there is none. Given back with the schema, or by <see cref="ReturnRoom"/>.</summary>
    public bool TryTakeRoom(int seriesCount, out long bytes)
    {
        bytes = BytesPerSchema + ((long)seriesCount * BytesPerSeries);
        if (!host.Schemas.TryTake(1)) return false;
        if (host.SchemaBytes.TryTake(bytes)) return true;
        host.Schemas.Return(1);
        return false;
    }

    public void ReturnRoom(long bytes)
    {
        if (bytes == 0) return;
        host.Schemas.Return(1);
        host.SchemaBytes.Return(bytes);
    }

    public void Set(long number, SessionSchema schema)
    {
        Remove(number);
        _schemas.Add(number, schema);
    }

    /// <summary>Forgets a schema that is about to be declared anew: if that is refused, rows must not land in the old one's series.</summary>
    public void Remove(long number)
    {
        _last = null;
        if (_schemas.Remove(number, out var old)) ReturnRoom(old.BudgetBytes);
    }

    public void Clear()
    {
        if (_schemas.Count == 0) return;
        foreach (var schema in _schemas.Values) ReturnRoom(schema.BudgetBytes);
        _schemas.Clear();
        _last = null;
    }

    public void Dispose() => Clear();
}
