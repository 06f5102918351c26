namespace DataLayer.LoadTest.Compare;

/// <summary>Our daemon, with one kind of message.</summary>
internal sealed class DaemonContender(LoadKind kind, string dll) : Contender($"DataLayer, {kind.ToString().ToLowerInvariant()}", isDurable: true)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private DaemonProcess? _daemon;

    public override int Pid => _daemon!.Pid;

    public override void Start(string folder)
    {
        _daemon = new DaemonProcess(dll, folder);
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

    public override long Count(LoadOptions options)
    {
        using var http = new DaemonHttp(_daemon!.Http);
        return (long)http.SqlRow($"SELECT count(*) FROM samples WHERE name LIKE '{SeriesNames.Metric}%' AND labels['run'] = '{options.Run}'")[0];
    }

    /// <summary>The daemon writes what it holds in memory within ten seconds.</summary>
    public override void Settle()
    {
        using var http = new DaemonHttp(_daemon!.Http);
        _ = http.StatusWhenIdle(Patience);
    }

    public override void Dispose() => _daemon?.Dispose();
}
