using System.Net.Sockets;
using DataLayer.Ingest.Sessions;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using SessionOptions = DataLayer.Ingest.Sessions.SessionOptions;

namespace DataLayer.Daemon.Tcp;

/// <summary>One agent's connection, as the table of connections sees it.</summary>
internal sealed class IngestConnection(ConnectionContext context, DateTimeOffset connectedAt)
{
    private int _isGivenUp;

    public ConnectionContext Context => context;

    public string Peer { get; } = context.RemoteEndPoint?.ToString() ?? "unknown";

    /// <summary>Null until the first byte: ten thousand silent connections need no sessions.</summary>
    public Session? Session { get; set; }

    /// <summary>Why this connection has to end now, or null. Thread: any.</summary>
    public string? Overdue(DateTimeOffset now, SessionOptions limits)
    {
        if (Session is not { } session)
        {
            return limits.RequireToken && now - connectedAt > limits.HelloTimeout ? $"it has not said hello within {limits.HelloTimeout.TotalSeconds:0} s" : null;
        }

        if (session.NeedsHelloBy is { } due && now > due) return $"it has not finished its hello within {limits.HelloTimeout.TotalSeconds:0} s";
        if (session.UnfinishedSince is { } since && now - since > limits.IdleTimeout) return $"it left a message unfinished for {limits.IdleTimeout.TotalSeconds:0} s";
        return null;
    }

    /// <summary>Ends the connection without waiting for the peer; true for the first caller.</summary>
    public bool GiveUp(string why)
    {
        if (Interlocked.Exchange(ref _isGivenUp, 1) != 0) return false;
        context.Abort(new ConnectionAbortedException(why));
        return true;
    }

    /// <summary>Lets the kernel find peers that are gone without a word: three probes, 10 s apart, after the silence of <paramref name="idle"/>.</summary>
    public void ProbeSilence(TimeSpan idle)
    {
        if (context.Features.Get<IConnectionSocketFeature>()?.Socket is not { } socket) return;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, (int)idle.TotalSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
    }
}
