using System.Net;
using System.Net.Sockets;

namespace DataLayer.LoadTest.Hostile;

/// <summary>A few connections that send as fast as they are let, and come again when they are closed.</summary>
/// <param name="next">The next bytes of a connection, by its number and how many went before on any connection of that number. Valid until asked again.</param>
/// <param name="reads">Whether it takes the daemon's answers off the socket.</param>
internal sealed class FloodPeer(string name, int connections, Func<int, long, byte[]> next, bool reads = true) : HostilePeer(name, connections)
{
    public override void Start(IPEndPoint ingest, IPEndPoint http)
    {
        for (var i = 0; i < Connections; i++)
        {
            var number = i;
            Spawn(() => Flood(number, ingest));
        }
    }

    protected override void CloseAll()
    {
    }

    private void Flood(int number, IPEndPoint ingest)
    {
        var turn = 0L;
        var trash = new byte[64 << 10];
        while (!Stopped.IsCancellationRequested)
        {
            try
            {
                using var socket = Connect(ingest);
                while (!Stopped.IsCancellationRequested)
                {
                    for (var rest = next(number, turn++).AsSpan(); !rest.IsEmpty && !Stopped.IsCancellationRequested;)
                    {
                        rest = rest[SendSome(socket, rest)..];
                        while (reads && socket.Available > 0) _ = socket.Receive(trash);
                    }
                }
            }
            catch (SocketException)
            {
                // Closed by the daemon, which is right; a moment's pause, so that it is not only connections that are tested.
                Stopped.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(10));
            }
        }
    }

    /// <summary>0 where the daemon takes nothing for a while: then whoever stops us is heard.</summary>
    private static int SendSome(Socket socket, ReadOnlySpan<byte> bytes)
    {
        var sent = socket.Send(bytes, SocketFlags.None, out var error);
        return error is SocketError.Success or SocketError.TimedOut or SocketError.WouldBlock ? Math.Max(0, sent) : throw new SocketException((int)error);
    }
}
