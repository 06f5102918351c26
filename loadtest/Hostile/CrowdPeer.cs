using System.Net;
using System.Net.Sockets;

namespace DataLayer.LoadTest.Hostile;

/// <summary>Many connections that say little: each an opening, and then a byte a second, or nothing more. Half of them may go to HTTP.</summary>
/// <param name="opening">The first bytes over TCP; empty: silence.</param>
/// <param name="httpOpening">Of every second connection, which goes to HTTP; null: none does.</param>
/// <param name="trickle">The byte that follows each second; null: none does.</param>
internal sealed class CrowdPeer(string name, int connections, byte[] opening, byte[]? httpOpening = null, byte? trickle = null) : HostilePeer(name, connections)
{
    // Owned by: the thread that starts it, then the one that trickles.
    private readonly List<Socket> _sockets = [];

    public override void Start(IPEndPoint ingest, IPEndPoint http)
    {
        for (var i = 0; i < Connections; i++)
        {
            var isHttp = httpOpening is not null && i % 2 == 1;
            var socket = Connect(isHttp ? http : ingest);
            _sockets.Add(socket);
            TrySend(socket, isHttp ? httpOpening! : opening);
        }

        if (trickle is { } one) Spawn(() => Trickle([one]));
    }

    protected override void CloseAll()
    {
        foreach (var socket in _sockets) socket.Dispose();
        _sockets.Clear();
    }

    private void Trickle(byte[] bytes)
    {
        while (!Stopped.WaitHandle.WaitOne(TimeSpan.FromSeconds(1)))
        {
            foreach (var socket in _sockets) TrySend(socket, bytes);
        }
    }

    /// <summary>A peer that was closed stays so: it is what the daemon shall do.</summary>
    private static void TrySend(Socket socket, byte[] bytes)
    {
        try
        {
            if (bytes.Length > 0) socket.Send(bytes);
        }
        catch (SocketException)
        {
        }
    }
}
