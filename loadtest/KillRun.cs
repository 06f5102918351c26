using System.Diagnostics;
using System.Globalization;
using DataLayer.Protocol;

namespace DataLayer.LoadTest;

/// <summary>
/// Kills a daemon under load, again and again on one data folder, and checks after each restart that every acked batch is there, once.
/// A batch ends with a marker sample that has no time of its own: the daemon gives it the time of arrival, so that a batch applied twice would leave two.
/// The agents send again all that was not acked, some of which the daemon knows already, and then every batch has to be there once.
/// </summary>
internal sealed class KillRun(LoadOptions options)
{
    private static readonly TimeSpan ReadyPatience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan AckPatience = TimeSpan.FromSeconds(60);

    /// <summary>Markers of batches in a row have other series: two that arrive in the same microsecond must not replace each other.</summary>
    private const int MarkerSeries = 256;

    private readonly List<string> _violations = [];
    private readonly List<KillRound> _rounds = [];

    public int Run()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"datalayer-kill-{options.Run}");
        Directory.CreateDirectory(folder);
        using var daemon = new DaemonProcess(options.Daemon, folder);
        options.Http = daemon.Http;
        options.Ingest = daemon.Ingest;
        Console.WriteLine($"{options.Times} kills in {folder}, --seed {options.Seed}");
        var random = new Random(options.Seed);
        try
        {
            daemon.Start(ReadyPatience);
        }
        catch (IOException fault)
        {
            Console.WriteLine($"  INCONCLUSIVE: {fault.Message}");
            return ExitCode.Inconclusive;
        }

        try
        {
            for (var round = 1; round <= options.Times && _violations.Count == 0; round++) RunRound(daemon, round, TimeSpan.FromSeconds(0.2 + (random.NextDouble() * (options.Seconds - 0.2))));
            if (_violations.Count == 0) CheckStop(daemon);
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException or System.Net.Sockets.SocketException)
        {
            _violations.Add(fault.Message);
        }

        return Report(folder, daemon);
    }

    private void RunRound(DaemonProcess daemon, int round, TimeSpan killAfter)
    {
        options.Run = string.Create(CultureInfo.InvariantCulture, $"{options.Run[..Math.Min(8, options.Run.Length)]}-{round:D3}");
        var startMicros = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1000;
        var first = CreateSenders(startMicros, null);
        var began = Stopwatch.GetTimestamp();
        foreach (var sender in first) sender.Open();
        List<Thread> threads = [.. first.Select(sender => new Thread(() => sender.Send(began, long.MaxValue)))];
        foreach (var thread in threads) thread.Start();
        Thread.Sleep(killAfter);
        var early = first.Select(sender => sender.Fault).FirstOrDefault(fault => fault is not null);
        daemon.Kill();
        var killedAfter = Stopwatch.GetElapsedTime(began).TotalSeconds;
        foreach (var thread in threads) thread.Join();
        if (early is not null) _violations.Add($"Round {round}, before the kill: {early}");
        foreach (var sender in first) sender.Dispose();

        var ready = daemon.Start(ReadyPatience);
        var second = CreateSenders(startMicros, first);
        var kept = ResendAll(round, first, second);
        var samples = CheckStored(round, first, second[0].SamplesPerBatch);
        foreach (var sender in second) sender.Dispose();
        var result = new KillRound(
            killedAfter, ready.TotalSeconds, first.Sum(sender => sender.LastSeq), first.Sum(sender => sender.AckedSeq), kept, samples);
        _rounds.Add(result);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {round,3}: killed after {result.KilledAfterSeconds:0.00} s, ready in {result.ReadySeconds:0.00} s; batches sent {result.SentBatches}, acked {result.AckedBatches}, kept {result.KeptBatches}; samples {result.Samples:N0}"));
    }

    private TcpSender[] CreateSenders(long startMicros, TcpSender[]? before) =>
    [
        .. Enumerable.Range(0, options.Connections).Select(connection => new TcpSender(
            options,
            BatchSource.Create(options, connection, startMicros),
            string.Create(CultureInfo.InvariantCulture, $"loadtest-{options.Run}-{connection}"),
            connection)
        {
            ResumeAt = before?[connection].AckedSeq + 1,
            Trailer = (writer, seq) => WriteMarker(writer, connection, seq),
        }),
    ];

    private void WriteMarker(MsgPackWriter writer, int connection, long seq)
    {
        var number = connection.ToString(CultureInfo.InvariantCulture);
        var place = (seq % MarkerSeries).ToString(CultureInfo.InvariantCulture);
        MessageEncoder.WriteLine(writer, SeriesNames.Marker, [new("connection", number), new("place", place), new("run", options.Run)], null, seq);
    }

    /// <summary>Sends again what was not acked; returns how many batches the daemon had kept.</summary>
    private long ResendAll(int round, TcpSender[] first, TcpSender[] second)
    {
        long kept = 0;
        for (var i = 0; i < first.Length; i++)
        {
            var (acked, sent) = (first[i].AckedSeq, first[i].LastSeq);
            second[i].Open();
            var known = second[i].WelcomeSeq;
            kept += known;
            if (known < acked) _violations.Add($"Round {round}: batch {acked} of {first[i].Agent} was acked, the daemon remembers {known}.");
            if (known > sent) _violations.Add($"Round {round}: {first[i].Agent} sent {sent} batches, the daemon remembers {known}.");
            second[i].Resend(sent);
            if (!second[i].WaitForAcks(AckPatience)) _violations.Add($"Round {round}: no acks after the restart. {second[i].Fault}");
        }

        return kept;
    }

    private long CheckStored(int round, TcpSender[] first, int samplesPerBatch)
    {
        using var http = new DaemonHttp(options.Http);
        var batches = first.Sum(sender => sender.LastSeq);
        for (var connection = 0; connection < first.Length; connection++)
        {
            var sent = first[connection].LastSeq;
            var row = http.SqlRow(
                $"SELECT count(*), count(DISTINCT value), sum(value) FROM samples WHERE name = '{SeriesNames.Marker}' AND labels['run'] = '{options.Run}' AND labels['connection'] = '{connection}'");
            var sum = sent * (sent + 1.0) / 2;
            if (row[0] != sent || row[1] != sent || row[2] != sum)
            {
                _violations.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"Round {round}: {sent} batches were sent and acked in the end; there are markers of {row[1]}, {row[0]} in all (more: a batch was applied twice; fewer: one was lost)."));
            }
        }

        var name = options.Kind == LoadKind.Points ? $"name LIKE '{SeriesNames.Metric}_f%'" : $"name = '{SeriesNames.Metric}'";
        var found = (long)http.SqlRow($"SELECT count(*) FROM samples WHERE {name} AND labels['run'] = '{options.Run}'")[0];
        if (found != batches * samplesPerBatch) _violations.Add(string.Create(CultureInfo.InvariantCulture, $"Round {round}: {batches * samplesPerBatch} samples were acked in the end, {found} are found."));
        var status = http.StatusWhenIdle(TimeSpan.FromSeconds(10));
        if (!status.Adds) _violations.Add($"Round {round}: the books do not add up: {status}");
        return found;
    }

    private void CheckStop(DaemonProcess daemon)
    {
        var code = daemon.Stop(TimeSpan.FromSeconds(60));
        if (code != 0) _violations.Add(code is null ? "The daemon did not end within 60 s after SIGTERM." : $"The daemon ended with {code} after SIGTERM.");
    }

    private int Report(string folder, DaemonProcess daemon)
    {
        daemon.Dispose();
        if (_rounds.Count > 0)
        {
            double[] ready = [.. _rounds.Select(round => round.ReadySeconds).Order()];
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  ready after kill -9: min {ready[0]:0.00} s  median {ready[ready.Length / 2]:0.00} s  max {ready[^1]:0.00} s  ({ready.Length} kills)"));
        }

        foreach (var violation in _violations) Console.WriteLine($"  VIOLATION: {violation}");
        options.WriteJson(new { options.Seed, Rounds = _rounds, Violations = _violations });
        if (_violations.Count > 0)
        {
            Console.WriteLine($"  The folder is kept: {folder}");
            return ExitCode.Violation;
        }

        Directory.Delete(folder, recursive: true);
        Console.WriteLine("  PASS");
        return ExitCode.Pass;
    }
}
