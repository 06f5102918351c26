using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace DataLayer.LoadTest.Hostile;

/// <summary>An agent as it should be: 200 small batches a second, each acked. Measures from when a batch was due to its ack. Used for one phase.</summary>
internal sealed class HonestAgent : IDisposable
{
    private static readonly TimeSpan AckPatience = TimeSpan.FromSeconds(60);

    private readonly TcpSender _sender;
    private Thread? _thread;

    /// <param name="run">The label of its series, the same in all phases: they are registered once.</param>
    public HonestAgent(DaemonProcess daemon, string run)
    {
        string[] modest = ["--kind", "lines", "--series", "100", "--rate", "10000", "--batch-bytes", "3300", "--run", run, "--window", "65536"];
        var options = LoadOptions.Parse([.. modest, "--ingest", daemon.Ingest.ToString(), "--http", daemon.Http.ToString()]);

        // Its time begins now in each phase: no sample has the time of another.
        _sender = new TcpSender(options, BatchSource.Create(options, 0, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1000), string.Create(CultureInfo.InvariantCulture, $"{run}-{Guid.NewGuid():N}"), 0);
    }

    public LatencyReport Acks => _sender.AckLatencies.Report();

    public long SentSamples => _sender.SentSamples;

    public string? Fault { get; private set; }

    public void Open()
    {
        try
        {
            _sender.Open();
        }
        catch (Exception fault) when (fault is SocketException or IOException)
        {
            Fault = fault.Message;
        }
    }

    public void Begin(double seconds)
    {
        var start = Stopwatch.GetTimestamp();
        _thread = new Thread(() => _sender.Send(start, start + (long)(seconds * Stopwatch.Frequency)));
        if (Fault is null) _thread.Start();
    }

    /// <summary>Waits until all is sent and acked, or a fault says that it is not.</summary>
    public void End()
    {
        if (Fault is not null) return;
        _thread!.Join();
        var isAcked = _sender.WaitForAcks(AckPatience);
        Fault = _sender.Fault ?? (isAcked ? null : string.Create(CultureInfo.InvariantCulture, $"{_sender.SentSamples - _sender.AckedSamples} samples were not acked within {AckPatience.TotalSeconds:0} s."));
    }

    public void Dispose() => _sender.Dispose();
}
