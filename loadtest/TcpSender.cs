using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using DataLayer.Protocol;

namespace DataLayer.LoadTest;

/// <summary>
/// A named agent on one TCP connection: numbered batches, a bounded number of them in flight, one thread that sends and one that reads acks.
/// </summary>
internal sealed class TcpSender : ISender
{
    private readonly LoadOptions _options;
    private readonly BatchSource _source;
    private readonly BatchPacker _packer;
    private readonly double _offset;
    private readonly long[] _dueTicks;
    private readonly SemaphoreSlim _window;
    private readonly AckReader _acks = new();
    private readonly Thread _receiver;
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly ManualResetEventSlim _welcomed = new();

    // Owned by: the sending thread; read by others after it has ended, or as a moment's value.
    private long _lastSeq;

    // Owned by: the receiving thread.
    private long _ackedSeq;
    private bool _closing;
    private volatile string? _fault;

    public TcpSender(LoadOptions options, BatchSource source, string agent, int connection)
    {
        _options = options;
        _source = source;
        _packer = new BatchPacker(options.Codec);
        _offset = (double)connection / options.Connections;
        _dueTicks = new long[options.Window];
        _window = new SemaphoreSlim(options.Window, options.Window);
        _receiver = new Thread(Receive) { IsBackground = true, Name = $"acks-{connection}" };
        Agent = agent;
    }

    public string Agent { get; }

    public int SamplesPerBatch => _source.SamplesPerBatch;

    /// <summary>The last batch that the daemon knows of, by its welcome.</summary>
    public long WelcomeSeq => _acks.WelcomeSeq;

    /// <summary>The last batch given to the socket, whole or in part.</summary>
    public long LastSeq => Volatile.Read(ref _lastSeq);

    public long AckedSeq => Volatile.Read(ref _ackedSeq);

    public long SentSamples => (LastSeq - WelcomeSeq) * _source.SamplesPerBatch;

    public long AckedSamples => (AckedSeq - WelcomeSeq) * _source.SamplesPerBatch;

    public long SentBytes { get; private set; }

    public Latencies AckLatencies { get; } = new();

    public string? Fault => _fault;

    /// <summary>Set by the kill run after a restart: the first batch to send here, which the daemon may know already.</summary>
    public long? ResumeAt { get; init; }

    /// <summary>Set by the kill run: a batch ends with this. Called with its number.</summary>
    public Action<MsgPackWriter, long>? Trailer { get; init; }

    public void Open()
    {
        _socket.Connect(_options.Ingest);
        _receiver.Start();
        using var writer = new MsgPackWriter();
        MessageEncoder.WriteHello(writer, Agent);
        SendAll(writer.Written);
        if (!_welcomed.Wait(TimeSpan.FromSeconds(30))) throw new IOException("No welcome within 30 seconds.");
        if (_fault is not null) throw new IOException(_fault);
        writer.Clear();
        _source.WriteSchemas(writer);
        SendAll(writer.Written);
    }

    public void Send(long startTicks, long endTicks)
    {
        AckLatencies.CountFromTicks = startTicks + _options.WarmupTicks;
        try
        {
            var pacer = new Pacer(startTicks, _options.Rate / _options.Connections / _source.SamplesPerBatch, _offset);
            var batches = _options.RequestsPerConnection(_source.SamplesPerBatch);
            for (long index = 0; index < batches; index++)
            {
                if (_options.Rate > 0 && pacer.DueTicks(index) >= endTicks) break;
                if (_options.Beyond && Stopwatch.GetTimestamp() >= endTicks) break;
                var due = pacer.WaitFor(index);
                if (_fault is not null || due >= endTicks || !TakeWindow()) break;
                SendBatch(_lastSeq + 1, due);
            }
        }
        catch (SocketException fault)
        {
            _fault ??= $"Sending failed: {fault.Message}";
        }
    }

    /// <summary>Sends batches again, up to and including <paramref name="lastSeq"/>, after a reconnect.</summary>
    public void Resend(long lastSeq)
    {
        while (_lastSeq < lastSeq && _fault is null && TakeWindow()) SendBatch(_lastSeq + 1, Stopwatch.GetTimestamp());
    }

    public bool WaitForAcks(TimeSpan patience)
    {
        var deadline = Stopwatch.GetTimestamp() + (long)(patience.TotalSeconds * Stopwatch.Frequency);
        while (!IsAllAcked() && _fault is null && Stopwatch.GetTimestamp() < deadline) Thread.Sleep(1);
        return IsAllAcked();
    }

    public void Dispose()
    {
        _closing = true;
        _socket.Dispose();
        if (_receiver.IsAlive) _receiver.Join(TimeSpan.FromSeconds(5));
        _welcomed.Dispose();
        _window.Dispose();
        _packer.Dispose();
    }

    /// <summary>An ack may be ahead of what was sent here: of batches that an earlier connection had sent.</summary>
    private bool IsAllAcked() => Math.Max(AckedSeq, _acks.AckedSeq) >= LastSeq;

    private bool TakeWindow()
    {
        while (!_window.Wait(100))
        {
            if (_fault is not null) return false;
        }

        return true;
    }

    private void SendBatch(long seq, long dueTicks)
    {
        var messages = _packer.Begin();
        _source.WriteMessages(seq, messages);
        Trailer?.Invoke(messages, seq);
        var batch = _packer.Finish(seq);

        // Before the bytes are on their way: the ack may come before this thread goes on. The release is read by Acked.
        _dueTicks[seq % _dueTicks.Length] = dueTicks;
        Volatile.Write(ref _lastSeq, seq);
        SendAll(batch);
        SentBytes += batch.Length;
    }

    private void SendAll(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty) bytes = bytes[_socket.Send(bytes)..];
    }

    private void Receive()
    {
        var buffer = new byte[64 << 10];
        var filled = 0;
        try
        {
            while (_fault is null)
            {
                var received = _socket.Receive(buffer.AsSpan(filled));
                if (received == 0) throw new IOException("The daemon closed the connection.");
                filled += received;
                var read = _acks.Read(buffer.AsSpan(0, filled));
                buffer.AsSpan(read, filled - read).CopyTo(buffer);
                filled -= read;
                OnAnswers();
            }
        }
        catch (Exception fault) when (fault is SocketException or IOException or ObjectDisposedException)
        {
            if (!_closing) _fault ??= fault.Message;
        }

        if (!_closing) _welcomed.Set();
    }

    private void OnAnswers()
    {
        if (_acks.Error is { } error) _fault ??= error;
        if (_acks.IsWelcomed && !_welcomed.IsSet)
        {
            _lastSeq = _ackedSeq = (ResumeAt - 1) ?? _acks.WelcomeSeq;
            _welcomed.Set();
        }

        var last = LastSeq;
        if (_acks.AckedSeq > Math.Max(last, WelcomeSeq))
        {
            _fault ??= string.Create(CultureInfo.InvariantCulture, $"Batch {_acks.AckedSeq} was acked, but {last} is the last that was sent.");
            return;
        }

        var acked = Math.Min(_acks.AckedSeq, last);
        if (acked <= _ackedSeq) return;

        var now = Stopwatch.GetTimestamp();
        for (var seq = _ackedSeq + 1; seq <= acked; seq++) AckLatencies.RecordTicks(_dueTicks[seq % _dueTicks.Length], now);
        _window.Release((int)(acked - _ackedSeq));
        Volatile.Write(ref _ackedSeq, acked);
    }
}
