using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using DataLayer.Protocol;

namespace DataLayer.LoadTest;

/// <summary>
/// Sends one sample at a time on a connection of its own, and asks for the last value until it is there: from send to visible, HTTP included.
/// </summary>
internal sealed class VisibleProbe(LoadOptions options) : IDisposable
{
    private const string Name = "load_visible";

    /// <summary>Between two samples: the probe shall not be the load.</summary>
    private const int PauseMillis = 10;

    /// <summary>A sample that nobody sees within this time is lost.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    public Latencies Latencies { get; } = new();

    /// <summary>Of each <c>GET /api/v1/latest</c>, asked over one kept connection.</summary>
    public Latencies Answers { get; } = new();

    public string? Fault { get; private set; }

    public void Run(long startTicks, long endTicks)
    {
        try
        {
            _socket.Connect(options.Ingest);
            Probe(startTicks, endTicks);
        }
        catch (Exception fault) when (fault is SocketException or IOException)
        {
            Fault = $"The probe failed: {fault.Message}";
        }
    }

    public void Dispose() => _socket.Dispose();

    private void Probe(long startTicks, long endTicks)
    {
        using var poller = new HttpPoller(options.Http, $"/api/v1/latest?name={Name}&label.run={options.Run}");
        using var writer = new MsgPackWriter();
        KeyValuePair<string, string>[] labels = [new("run", options.Run)];
        Latencies.CountFromTicks = Answers.CountFromTicks = startTicks + options.WarmupTicks;
        while (Stopwatch.GetTimestamp() < startTicks) Thread.Sleep(1);
        for (var number = 1_000_000; Stopwatch.GetTimestamp() < endTicks && Fault is null; number++)
        {
            // A fraction that no time and no label in the answer has.
            var value = number + 0.0625;
            var shown = Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture));
            writer.Clear();
            MessageEncoder.WriteLine(writer, Name, labels, null, value);
            var sent = Stopwatch.GetTimestamp();
            _socket.Send(writer.Written);
            while (!Shows(poller, shown))
            {
                if (Stopwatch.GetElapsedTime(sent) < Patience) continue;
                Fault = $"A sample was not visible within {Patience.TotalSeconds:0} s.";
                return;
            }

            Latencies.RecordTicks(sent, Stopwatch.GetTimestamp());
            Thread.Sleep(PauseMillis);
        }
    }

    private bool Shows(HttpPoller poller, ReadOnlySpan<byte> shown)
    {
        var asked = Stopwatch.GetTimestamp();
        var answer = poller.Get();
        Answers.RecordTicks(asked, Stopwatch.GetTimestamp());
        return answer.IndexOf(shown) >= 0;
    }
}
