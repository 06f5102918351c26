using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace DataLayer.LoadTest.Engines;

/// <summary>Agents that outlive a daemon that is killed: each connects again and goes on after its last acked batch, as the protocol means it. Owned by the run's thread; agents have threads of their own.</summary>
internal sealed class LongLived(LoadOptions options)
{
    private readonly long _startMicros = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1000;
    private readonly List<Thread> _threads = [];
    private readonly Agent[] _agents = [.. Enumerable.Range(0, options.Connections).Select(_ => new Agent())];
    private DaemonProcess _daemon = null!;
    private long _untilTicks;

    public bool IsSending => _threads.Exists(thread => thread.IsAlive);

    public long SentSamples => _agents.Sum(agent => agent.Sent);

    public long AckedSamples => _agents.Sum(agent => agent.Acked);

    public Latencies Latencies { get; } = new();

    public IEnumerable<string> Faults => _agents.Select(agent => agent.Fault).OfType<string>();

    public void Start(DaemonProcess daemon, long untilTicks)
    {
        (_daemon, _untilTicks) = (daemon, untilTicks);
        for (var connection = 0; connection < options.Connections; connection++)
        {
            var mine = connection;
            _threads.Add(new Thread(() => Run(mine)));
            _threads[^1].Start();
        }
    }

    public void End(TimeSpan patience)
    {
        foreach (var thread in _threads)
        {
            if (!thread.Join(patience)) _agents[_threads.IndexOf(thread)].Fault ??= "an agent did not end in time";
        }
    }

    private void Run(int connection)
    {
        var agent = _agents[connection];
        long acked = 0, sent = 0;
        TcpSender? before = null;
        var giveUp = _untilTicks + (120 * Stopwatch.Frequency);
        while (Stopwatch.GetTimestamp() < giveUp)
        {
            using var sender = Create(connection, before is null ? null : acked + 1);
            try
            {
                sender.Open();
                sender.Resend(sent);
                if (Stopwatch.GetTimestamp() < _untilTicks) sender.Send(Stopwatch.GetTimestamp(), _untilTicks);
                sender.WaitForAcks(TimeSpan.FromSeconds(60));
            }
            catch (Exception fault) when (fault is SocketException or IOException)
            {
                // The daemon is away: again in a moment.
            }

            (acked, sent) = (Math.Max(acked, Math.Max(sender.AckedSeq, sender.WelcomeSeq)), Math.Max(sent, sender.LastSeq));
            (agent.Sent, agent.Acked) = (sent * sender.SamplesPerBatch, acked * sender.SamplesPerBatch);
            lock (Latencies) Latencies.Add(sender.AckLatencies);
            if (acked >= sent && sent > 0 && Stopwatch.GetTimestamp() >= _untilTicks) return;
            before = sender;
            Thread.Sleep(20);
        }

        agent.Fault = string.Create(CultureInfo.InvariantCulture, $"agent {connection}: sent {sent} batches, {acked} were acked.");
    }

    private TcpSender Create(int connection, long? resumeAt)
    {
        var own = options.At(_daemon.Ingest, _daemon.Http);
        return new TcpSender(own, BatchSource.Create(own, connection, _startMicros), string.Create(CultureInfo.InvariantCulture, $"engines-{options.Run}-{connection}"), connection) { ResumeAt = resumeAt };
    }

    private sealed class Agent
    {
        public long Sent;
        public long Acked;
        public string? Fault;
    }
}
