using Npgsql;

namespace DataLayer.Engines.Postgres;

/// <summary>A connection from the pool, until it is disposed.</summary>
internal sealed class PostgresLease(NpgsqlConnection connection, Action onReturn) : IDisposable, IAsyncDisposable
{
    private bool _isReturned;

    public NpgsqlConnection Connection => connection;

    public void Dispose()
    {
        if (_isReturned) return;
        _isReturned = true;
        connection.Dispose();
        onReturn();
    }

    public async ValueTask DisposeAsync()
    {
        if (_isReturned) return;
        _isReturned = true;
        await connection.DisposeAsync();
        onReturn();
    }
}
