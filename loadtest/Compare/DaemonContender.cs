using DataLayer.LoadTest.Queries;

namespace DataLayer.LoadTest.Compare;

/// <summary>Our daemon, with one kind of message.</summary>
/// <param name="settings">Options of the daemon, such as Hot__MaxBytes.</param>
internal sealed class DaemonContender(LoadKind kind, string dll, params KeyValuePair<string, string>[] settings) : Contender($"DataLayer, {kind.ToString().ToLowerInvariant()}", isDurable: true)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopPatience = TimeSpan.FromMinutes(10);

    private DaemonProcess? _daemon;
    private DaemonHttp? _http;

    public override int Pid => _daemon!.Pid;

    public override void Start(string folder)
    {
        _daemon = new DaemonProcess(dll, folder, settings);
        _http = new DaemonHttp(_daemon.Http);
        _ = _daemon.Start(Patience);
    }

    public override long Send(LoadOptions options, long startMicros)
    {
        var own = options.With(kind, _daemon!.Ingest, _daemon.Http);
        var senders = Enumerable.Range(0, own.Connections)
            .Select(i => new TcpSender(own, BatchSource.Create(own, i, startMicros), $"loadtest-{own.Run}-{i}", i)).ToList();
        try
        {
            foreach (var sender in senders) sender.Open();
            var start = System.Diagnostics.Stopwatch.GetTimestamp();
            var end = start + (long)(own.Seconds * System.Diagnostics.Stopwatch.Frequency);
            var threads = senders.ConvertAll(sender => new Thread(() => sender.Send(start, end)));
            foreach (var thread in threads) thread.Start();
            foreach (var thread in threads) thread.Join();
            foreach (var sender in senders)
            {
                if (!sender.WaitForAcks(Patience)) throw new IOException($"{Name}: {sender.Fault ?? "not all batches were acked"}");
            }

            return senders.Sum(sender => sender.AckedSamples);
        }
        finally
        {
            foreach (var sender in senders) sender.Dispose();
        }
    }

    public override long Count(LoadOptions options) =>
        (long)_http!.SqlRow($"SELECT count(*) FROM samples WHERE name LIKE '{SeriesNames.Metric}%' AND labels['run'] = '{options.Run}'")[0];

    /// <summary>The daemon writes what it holds in memory within ten seconds.</summary>
    public override void Settle() => _ = _http!.StatusWhenIdle(Patience);

    public override void Stop()
    {
        if (_daemon!.Stop(StopPatience) != 0) throw new IOException($"{Name} did not stop as it should.");
    }

    public override byte[] Ask(QueryRequest request) => _http!.Ask(request);

    public override void Dispose()
    {
        _http?.Dispose();
        _daemon?.Dispose();
    }
}
