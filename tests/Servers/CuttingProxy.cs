using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace DataLayer.Servers;

/// <summary>
/// Stands between a client and a server of loopback and passes bytes on; can cut all connections, after so many bytes of the client or before the server's answer, and can speak TLS to the client.
/// Owned by one test.
/// </summary>
/// <param name="certificate">With a private key: clients must speak TLS. Null: plain.</param>
public sealed class CuttingProxy(int serverPort, X509Certificate2? certificate = null) : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ending = new();
    private readonly List<Task> _tasks = [];
    private long _cutAfterBytes = long.MaxValue;
    private volatile bool _dropsAnswers;
    private int _cuts;

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Connections that were cut so far.</summary>
    public int Cuts => Volatile.Read(ref _cuts);

    public void Start()
    {
        _listener.Start();
        _tasks.Add(AcceptAsync());
    }

    /// <summary>Cuts the connection that carries the client's next bytes past this number, once.</summary>
    public void CutAfter(long bytes) => Interlocked.Exchange(ref _cutAfterBytes, bytes);

    /// <summary>The server gets all, and its next answer is lost with the connection, once.</summary>
    public void DropNextAnswer() => _dropsAnswers = true;

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Stop();
        try
        {
            await Task.WhenAll(_tasks);
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The listener ends so.
        }

        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_ending.IsCancellationRequested) _ = ServeAsync(await _listener.AcceptTcpClientAsync(_ending.Token));
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var near = client;
        using var far = new TcpClient();
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, serverPort, _ending.Token);
            Stream stream = near.GetStream();
            if (certificate is not null)
            {
                var tls = new SslStream(stream);
                await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, _ending.Token);
                stream = tls;
            }

            await Task.WhenAny(PassRequestsAsync(stream, far.GetStream()), PassAnswersAsync(far.GetStream(), stream));
        }
        catch (Exception broken) when (broken is IOException or SocketException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
        {
            // One side is gone: the other is let go too.
        }
    }

    private async Task PassRequestsAsync(Stream from, Stream to)
    {
        var buffer = new byte[1 << 16];
        int read;
        while ((read = await from.ReadAsync(buffer, _ending.Token)) > 0)
        {
            if (Interlocked.Add(ref _cutAfterBytes, -read) < 0)
            {
                Interlocked.Exchange(ref _cutAfterBytes, long.MaxValue);
                Interlocked.Increment(ref _cuts);
                return;
            }

            await to.WriteAsync(buffer.AsMemory(0, read), _ending.Token);
        }
    }

    private async Task PassAnswersAsync(Stream from, Stream to)
    {
        var buffer = new byte[1 << 16];
        int read;
        while ((read = await from.ReadAsync(buffer, _ending.Token)) > 0)
        {
            if (_dropsAnswers)
            {
                _dropsAnswers = false;
                Interlocked.Increment(ref _cuts);
                return;
            }

            await to.WriteAsync(buffer.AsMemory(0, read), _ending.Token);
        }
    }
}
