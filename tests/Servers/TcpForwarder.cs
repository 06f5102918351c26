using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace DataLayer.Servers;

/// <summary>A port of loopback in front of a server's: cuts all its connections after so many bytes from the clients, or takes TLS off. Owned by one test.</summary>
public sealed class TcpForwarder : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly int _target;
    private readonly X509Certificate2? _certificate;
    private readonly Task _accepting;
    private CancellationTokenSource _cut = new();
    private long _bytesLeft = long.MaxValue;

    /// <param name="certificate">With its key: clients speak TLS; null: plain.</param>
    public TcpForwarder(int target, X509Certificate2? certificate = null)
    {
        (_target, _certificate) = (target, certificate);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>How often it has cut.</summary>
    public int Cuts { get; private set; }

    /// <summary>Cuts all connections once when the clients have sent so many more bytes.</summary>
    public void CutAfter(long bytes) => Interlocked.Exchange(ref _bytesLeft, bytes);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await _cut.CancelAsync();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            for (; ; ) _ = ForwardAsync(await _listener.AcceptTcpClientAsync(_end.Token));
        }
        catch (Exception fault) when (fault is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end of the test.
        }
    }

    private async Task ForwardAsync(TcpClient client)
    {
        using var near = client;
        using var far = new TcpClient();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_end.Token, _cut.Token);
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, _target, stop.Token);
            await using var inside = await NearStreamAsync(near, stop.Token);
            await Task.WhenAny(PumpAsync(inside, far.GetStream(), isCounted: true, stop.Token), PumpAsync(far.GetStream(), inside, isCounted: false, stop.Token));
        }
        catch (Exception fault) when (fault is IOException or SocketException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
        {
            // Whoever closed it: the other side sees it closed, too.
        }
    }

    private async Task<Stream> NearStreamAsync(TcpClient near, CancellationToken cancellation)
    {
        if (_certificate is null) return near.GetStream();
        var tls = new SslStream(near.GetStream());
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, cancellation);
        return tls;
    }

    private async Task PumpAsync(Stream from, Stream to, bool isCounted, CancellationToken cancellation)
    {
        var buffer = new byte[64 << 10];
        while (await from.ReadAsync(buffer, cancellation) is > 0 and var count)
        {
            if (isCounted && Interlocked.Add(ref _bytesLeft, -count) < 0)
            {
                Interlocked.Exchange(ref _bytesLeft, long.MaxValue);
                Cuts++;
                await Interlocked.Exchange(ref _cut, new CancellationTokenSource()).CancelAsync();
                return;
            }

            await to.WriteAsync(buffer.AsMemory(0, count), cancellation);
        }
    }
}
