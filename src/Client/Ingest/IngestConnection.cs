using System.Net.Sockets;
using DataLayer.Protocol;

namespace DataLayer.Client.Ingest;

/// <summary>
/// One TCP connection to a daemon after hello and welcome: bytes of messages out, acks and errors in. Nothing is sent again here, and nothing is waited for:
/// <see cref="BatchSender"/> does that. Owned by its maker. At most one thread sends and one receives at a time.
/// </summary>
public sealed class IngestConnection : IAsyncDisposable
{
    // The answers of a daemon are short; an error's text may be a few hundred bytes.
    private const int ReceiveBufferBytes = 16 * 1024;

    private readonly Socket _socket;
    private readonly MsgPackWriter _header = new(64);

    // Owned by: the receiver.
    private readonly MessageScanner _scanner = new(ReceiveBufferBytes);
    private readonly byte[] _received = new byte[ReceiveBufferBytes];
    private int _start;
    private int _end;

    private IngestConnection(Socket socket, Endpoint endpoint)
    {
        _socket = socket;
        Endpoint = endpoint;
    }

    public Endpoint Endpoint { get; }

    public Welcome Welcome { get; private set; } = new("", 0, ProtocolLimits.MaxMessageBytes, ProtocolLimits.MaxBatchBytes, 0);

    /// <summary>Connects, says hello and waits for the welcome, all within <see cref="DataLayerClientOptions.ConnectTimeout"/>.</summary>
    /// <exception cref="DataLayerException">Unreachable, refused, or not a DataLayer daemon.</exception>
    public static async Task<IngestConnection> ConnectAsync(DataLayerClientOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var endpoint = Endpoint.Parse(options.Ingest, nameof(options.Ingest));
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, options.TimeProvider);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint.Host, endpoint.Port, both.Token).ConfigureAwait(false);
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            var connection = new IngestConnection(socket, endpoint);
            await connection.GreetAsync(options, both.Token).ConfigureAwait(false);
            return connection;
        }
        catch (Exception e)
        {
            socket.Dispose();
            if (e is SocketException refused) throw Unreachable(endpoint, Reasons.Of(refused), e);
            if (e is OperationCanceledException && timeout.IsCancellationRequested && !cancellation.IsCancellationRequested)
                throw Unreachable(endpoint, $"no welcome within {options.ConnectTimeout.TotalSeconds:0.###} s", e);
            throw;
        }
    }

    /// <summary>Sends bytes that are whole messages, as they are.</summary>
    /// <exception cref="DataLayerException">The connection broke.</exception>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> messages, CancellationToken cancellation = default)
    {
        try
        {
            while (!messages.IsEmpty)
            {
                var sent = await _socket.SendAsync(messages, SocketFlags.None, cancellation).ConfigureAwait(false);
                messages = messages[sent..];
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw Unreachable(Endpoint, "the connection broke", e);
        }
    }

    /// <summary>Sends a batch (op 4) of messages that are packed already. Its ack, and errors before it, come by <see cref="ReceiveAsync"/>.</summary>
    public async ValueTask SendBatchAsync(long seq, BatchCodec codec, int rawBytes, ReadOnlyMemory<byte> packed, CancellationToken cancellation = default)
    {
        _header.Clear();
        MessageEncoder.WriteBatchHeader(_header, seq, codec, rawBytes, packed.Length);
        await SendAsync(_header.WrittenMemory, cancellation).ConfigureAwait(false);
        await SendAsync(packed, cancellation).ConfigureAwait(false);
    }

    /// <summary>Asks for ack <paramref name="number"/> when all that was sent before is durable (op 5).</summary>
    public ValueTask SendFlushAsync(long number, CancellationToken cancellation = default)
    {
        _header.Clear();
        MessageEncoder.WriteFlush(_header, number);
        return SendAsync(_header.WrittenMemory, cancellation);
    }

    /// <summary>The next ack or error; <see cref="ServerMessageKind.Closed"/> at the end of the connection.</summary>
    /// <exception cref="DataLayerException">The connection broke, or what came is neither.</exception>
    public async ValueTask<ServerMessage> ReceiveAsync(CancellationToken cancellation = default)
    {
        var bytes = await ReceiveMessageAsync(cancellation).ConfigureAwait(false);
        if (bytes.IsEmpty) return default;
        if (ServerMessage.TryRead(bytes.Span, out var message)) return message;
        throw new DataLayerException(FailureKind.BadAnswer, $"the answer from {Endpoint} is no ack and no error of the DataLayer protocol");
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _header.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Ends the connection from another thread: a send or receive under way fails.</summary>
    internal void Abort() => _socket.Dispose();

    private async Task GreetAsync(DataLayerClientOptions options, CancellationToken cancellation)
    {
        _header.Clear();
        MessageEncoder.WriteHello(_header, options.Agent, options.Token, options.AckMode);
        await SendAsync(_header.WrittenMemory, cancellation).ConfigureAwait(false);
        var answer = await ReceiveMessageAsync(cancellation).ConfigureAwait(false);
        if (answer.IsEmpty) throw Unreachable(Endpoint, "it closed the connection instead of a welcome", null);
        if (Welcome.TryRead(answer.Span, out var welcome))
        {
            Welcome = welcome;
            return;
        }

        if (ServerMessage.TryRead(answer.Span, out var error) && error.Kind == ServerMessageKind.Error)
        {
            var kind = error.Code == ErrorCode.Stopping ? FailureKind.Unavailable : FailureKind.Refused;
            throw new DataLayerException(kind, $"the daemon at {Endpoint} refused the hello: {error.Text} (error {(int)error.Code})", null, error.Code);
        }

        throw new DataLayerException(FailureKind.BadAnswer, $"what listens at {Endpoint} does not speak the DataLayer protocol");
    }

    /// <summary>The bytes of one message, valid until the next call; empty at the end of the connection.</summary>
    private async ValueTask<ReadOnlyMemory<byte>> ReceiveMessageAsync(CancellationToken cancellation)
    {
        var scanned = _start;
        _scanner.Reset();
        while (true)
        {
            switch (_scanner.Scan(_received.AsSpan(scanned, _end - scanned), out var consumed))
            {
                case ScanResult.Complete:
                    var message = _received.AsMemory(_start, scanned + consumed - _start);
                    _start = scanned + consumed;
                    return message;
                case ScanResult.NeedMore:
                    scanned += consumed;
                    break;
                default:
                    throw new DataLayerException(FailureKind.BadAnswer, $"what listens at {Endpoint} does not speak the DataLayer protocol");
            }

            if (_start > 0)
            {
                _received.AsSpan(_start, _end - _start).CopyTo(_received);
                (scanned, _end, _start) = (scanned - _start, _end - _start, 0);
            }

            var count = await ReceiveSomeAsync(_received.AsMemory(_end), cancellation).ConfigureAwait(false);
            if (count == 0) return default;
            _end += count;
        }
    }

    private async ValueTask<int> ReceiveSomeAsync(Memory<byte> room, CancellationToken cancellation)
    {
        try
        {
            return await _socket.ReceiveAsync(room, SocketFlags.None, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw Unreachable(Endpoint, "the connection broke", e);
        }
    }

    private static DataLayerException Unreachable(Endpoint endpoint, string reason, Exception? inner) =>
        new(FailureKind.Unreachable, $"cannot reach the daemon at {endpoint}: {reason}", inner);
}
