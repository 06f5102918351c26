using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DataLayer.Cli.Tests;

/// <summary>A daemon's HTTP side that answers each path with a given text, and remembers what was asked.</summary>
internal sealed class FakeHttp : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Dictionary<string, (int Status, string Body)> _answers = [];

    public FakeHttp()
    {
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Address = probe.LocalEndpoint.ToString()!;
        }

        _listener.Prefixes.Add($"http://{Address}/");
        _listener.Start();
        _ = ServeAsync();
    }

    public string Address { get; }

    /// <summary>Path and query of each request, with the body behind a space where there was one.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public FakeHttp Answer(string path, string body, int status = 200)
    {
        _answers[path] = (status, body);
        return this;
    }

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                var body = await new StreamReader(context.Request.InputStream, Encoding.UTF8).ReadToEndAsync();
                Requests.Enqueue(Uri.UnescapeDataString(context.Request.Url!.PathAndQuery) + (body.Length > 0 ? " " + body : ""));
                var (status, text) = _answers.GetValueOrDefault(context.Request.Url.AbsolutePath, (404, ""));
                context.Response.StatusCode = status;
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(text));
                context.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // Disposed.
        }
    }
}
