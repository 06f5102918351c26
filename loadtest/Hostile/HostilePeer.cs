using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace DataLayer.LoadTest.Hostile;

/// <summary>One way to be a bad neighbour, on threads of its own until it is stopped. Owned by the run.</summary>
/// <param name="connections">Connections that it holds open at once, at most.</param>
internal abstract class HostilePeer(string name, int connections) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Thread> _threads = [];

    public string Name => name;

    public int Connections => connections;

    protected CancellationToken Stopped => _stop.Token;

    /// <summary>Begins; returns when the peer is as bad as it gets: all its connections are open.</summary>
    public abstract void Start(IPEndPoint ingest, IPEndPoint http);

    public void Stop()
    {
        _stop.Cancel();
        foreach (var thread in _threads) thread.Join();
        CloseAll();
    }

    public void Dispose()
    {
        Stop();
        _stop.Dispose();
    }

    protected abstract void CloseAll();

    protected void Spawn(Action run)
    {
        var thread = new Thread(() => RunNicely(run)) { IsBackground = true, Name = name };
        _threads.Add(thread);
        thread.Start();
    }

    // What hostile peers take of this machine's cores is not the daemon's doing: on Linux a thread has a niceness of its own, and 0 is the caller.
    private static void RunNicely(Action run)
    {
        _ = setpriority(0, 0, 19);
        run();
    }

    [DllImport("libc")]
    private static extern int setpriority(int which, int who, int niceness);

    /// <summary>A connection that ends with a reset: thousands that end in order would keep this machine's ports for a minute.</summary>
    protected static Socket Connect(IPEndPoint address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, LingerState = new LingerOption(true, 0) };
        try
        {
            socket.Connect(address);
            socket.SendTimeout = 500; // After the connect, which has to wait for a second when the daemon's queue of new connections is full.
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
