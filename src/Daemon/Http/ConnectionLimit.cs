using Microsoft.AspNetCore.Connections;

namespace DataLayer.Daemon.Http;

/// <summary>Closes HTTP connections past so many at once. Kestrel's own limit counts agents and HTTP together. Thread: any.</summary>
internal sealed class ConnectionLimit(int max)
{
    private int _count;

    public async Task RunAsync(ConnectionDelegate next, ConnectionContext connection)
    {
        try
        {
            if (Interlocked.Increment(ref _count) <= max) await next(connection);
            else connection.Abort(new ConnectionAbortedException("too many HTTP connections"));
        }
        finally
        {
            Interlocked.Decrement(ref _count);
        }
    }
}
