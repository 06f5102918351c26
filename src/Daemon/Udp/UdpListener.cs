using System.Net;
using System.Net.Sockets;
using DataLayer.Daemon.Hosting;
using DataLayer.Daemon.Options;
using DataLayer.Ingest;
using DataLayer.Ingest.Sessions;

namespace DataLayer.Daemon.Udp;

/// <summary>Takes datagrams on a thread of its own and gives them to one session, a system call's worth at a time. Never answers.</summary>
internal sealed class UdpListener : IDisposable
{
    /// <summary>How long a stop may wait for the thread to look up.</summary>
    private const int PollMillis = 100;

    private readonly UdpSocket _socket;
    private readonly IRecordSink _sink;
    private readonly Session _session;
    private readonly Thread _thread;
    private readonly ILogger _logger;
    private readonly UdpOptions _options;
    private volatile bool _stopping;
    private long _datagrams;
    private long _receives;
    private long _errors;

    /// <summary>Binds. Throws <see cref="StartException"/> when the address cannot be had.</summary>
    public UdpListener(IPEndPoint address, UdpOptions options, SessionHost host, ILogger logger)
    {
        _options = options;
        _logger = logger;
        _sink = host.Sink;
        try
        {
            _socket = new UdpSocket(address, options.ReceiveBufferBytes, options.DatagramsPerReceive);
        }
        catch (SocketException error)
        {
            throw new StartException($"cannot listen for datagrams on {address}: {error.Message} (DataLayer:Ingest); choose another address with --ingest, or DataLayer:Udp:Enabled = off", error);
        }

        _session = new Session(host, SessionKind.Udp, Nobody.Instance, "udp");
        _thread = new Thread(Run) { Name = "udp", IsBackground = true };
    }

    public IPEndPoint Address => _socket.LocalAddress;

    public int ReceiveBufferBytes => _socket.ReceiveBufferBytes;

    public long KernelDrops => _socket.KernelDrops;

    public long Datagrams => Volatile.Read(ref _datagrams);

    public long Receives => Volatile.Read(ref _receives);

    public long Errors => Volatile.Read(ref _errors);

    public void Start()
    {
        // The kernel reports twice what it gives to data.
        if (ReceiveBufferBytes < _options.ReceiveBufferBytes) Log.SmallReceiveBuffer(_logger, ReceiveBufferBytes / 2, _options.ReceiveBufferBytes);
        _thread.Start();
    }

    /// <summary>Takes what has already arrived, hands it over, and ends the thread.</summary>
    public void Dispose()
    {
        _stopping = true;
        if (_thread.IsAlive) _thread.Join();
        _session.Dispose();
        _socket.Dispose();
    }

    /// <summary>Not while the daemon stops, or refuses: then what comes is counted with the reason.</summary>
    private bool MayWait => !_stopping && _sink.Admission == Admission.Open;

    private void Run()
    {
        while (true)
        {
            try
            {
                // Read before waiting: a stop takes what arrived before it, and no more.
                var last = _stopping;
                if (_socket.Wait(last ? 0 : PollMillis)) TakeAll();
                if (last) return;
            }
            catch (Exception error)
            {
                Volatile.Write(ref _errors, _errors + 1);
                Log.UdpFailed(_logger, error);
                Thread.Sleep(PollMillis);
            }
        }
    }

    private void TakeAll()
    {
        while (true)
        {
            AwaitCapacity();
            var got = _socket.Receive();
            if (got <= 0) return;
            Volatile.Write(ref _receives, _receives + 1);
            Volatile.Write(ref _datagrams, _datagrams + got);
            for (var i = 0; i < got; i++) _session.ConsumeDatagram(_socket.Datagram(i));
            _session.FinishDatagrams();
            if (_stopping) return;
        }
    }

    /// <summary>While the pipeline is full, for the moment that a disk stands still, the kernel's buffer keeps what comes; what it has no room for, it counts.</summary>
    private void AwaitCapacity()
    {
        while (!_sink.HasCapacity && MayWait)
        {
            var room = _sink.WaitForCapacityAsync(CancellationToken.None).AsTask();
            while (!room.Wait(PollMillis) && MayWait)
            {
            }
        }
    }

    private sealed class Nobody : ISessionOutput
    {
        public static Nobody Instance { get; } = new();

        public void Send(ReadOnlySpan<byte> messages)
        {
        }
    }
}
