using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DataLayer.LoadTest;

/// <summary>The same GET again and again on one kept connection, at the least cost. Owned by one thread.</summary>
internal sealed class HttpPoller : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 10_000 };
    private readonly byte[] _request;
    private readonly byte[] _answer = new byte[64 << 10];

    public HttpPoller(IPEndPoint address, string path)
    {
        _request = Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept: application/json\r\n\r\n");
        _socket.Connect(address);
    }

    /// <summary>The answer, headers and all. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Get()
    {
        _socket.Send(_request);
        var length = 0;
        while (!IsWhole(_answer.AsSpan(0, length)))
        {
            if (length == _answer.Length) throw new IOException("The daemon's answer is longer than 64 KiB.");
            var received = _socket.Receive(_answer.AsSpan(length));
            if (received == 0) throw new IOException("The daemon closed the HTTP connection.");
            length += received;
        }

        return _answer.AsSpan(0, length);
    }

    public void Dispose() => _socket.Dispose();

    private static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0) return false;
        var body = answer[(end + 4)..];
        var at = answer[..end].IndexOf("Content-Length: "u8);
        if (at < 0) return body.EndsWith("0\r\n\r\n"u8);
        var digits = answer[(at + 16)..(end + 2)];
        return int.TryParse(digits[..digits.IndexOf((byte)'\r')], out var length) && body.Length >= length;
    }
}
