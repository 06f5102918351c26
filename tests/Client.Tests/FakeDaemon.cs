using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using DataLayer.Protocol;

namespace DataLayer.Client.Tests;

/// <summary>A peer that speaks the protocol's server side over a real socket, as each test scripts it.</summary>
internal sealed class FakeDaemon : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly Channel<FakeConnection> _accepted = Channel.CreateUnbounded<FakeConnection>();
    private readonly List<FakeConnection> _all = [];
    private readonly Task _accepting;

    public FakeDaemon(int port = 0)
    {
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Address => _listener.LocalEndpoint.ToString()!;

    /// <summary>Completes with the next connection.</summary>
    public async Task<FakeConnection> NextAsync() => await _accepted.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));

    /// <summary>The next connection, after its hello was answered by a welcome.</summary>
    public async Task<FakeConnection> WelcomeAsync(long lastSeq = 0)
    {
        var connection = await NextAsync();
        await connection.WelcomeAsync(lastSeq);
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        foreach (var connection in _all) connection.Close();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var connection = new FakeConnection(await _listener.AcceptSocketAsync());
                _all.Add(connection);
                _accepted.Writer.TryWrite(connection);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            _accepted.Writer.TryComplete();
        }
    }
}
