using System.Collections.Concurrent;
using DataLayer.Daemon.Options;
using SessionOptions = DataLayer.Ingest.Sessions.SessionOptions;

namespace DataLayer.Daemon.Tcp;

/// <summary>All agents' connections: how many there may be, and which are overdue. Thread: any.</summary>
internal sealed class ConnectionTable(DaemonOptions options, TimeProvider time, ILogger<ConnectionTable> logger)
{
    private readonly ConcurrentDictionary<IngestConnection, byte> _connections = new();
    private int _count;
    private long _accepted;
    private long _refused;
    private long _givenUp;

    public int Count => Volatile.Read(ref _count);

    public int Limit => options.Tcp.MaxConnections;

    public long Accepted => Interlocked.Read(ref _accepted);

    /// <summary>Closed at once because there were too many.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Closed because the peer did not read, did not finish, or did not say hello.</summary>
    public long GivenUp => Interlocked.Read(ref _givenUp);

    public bool TryAdd(IngestConnection connection)
    {
        if (Interlocked.Increment(ref _count) > Limit)
        {
            Interlocked.Decrement(ref _count);
            Interlocked.Increment(ref _refused);
            return false;
        }

        Interlocked.Increment(ref _accepted);
        _connections[connection] = 0;
        return true;
    }

    public void Remove(IngestConnection connection)
    {
        if (_connections.TryRemove(connection, out _)) Interlocked.Decrement(ref _count);
    }

    /// <summary>Ends a connection by our decision, and says so.</summary>
    public void GiveUp(IngestConnection connection, string why)
    {
        if (!connection.GiveUp(why)) return;
        Interlocked.Increment(ref _givenUp);
        Log.ConnectionClosed(logger, connection.Context.ConnectionId, connection.Peer, why);
    }

    /// <summary>Looks once a second for connections that keep a message or a hello unfinished: one timer for all.</summary>
    public async Task WatchAsync(SessionOptions limits, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        while (await timer.WaitForNextTickAsync(cancellation)) EndOverdue(limits);
    }

    internal void EndOverdue(SessionOptions limits)
    {
        var now = time.GetUtcNow();
        foreach (var (connection, _) in _connections)
        {
            if (connection.Overdue(now, limits) is { } why) GiveUp(connection, why);
        }
    }
}
