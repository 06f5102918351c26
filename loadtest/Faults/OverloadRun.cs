using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace DataLayer.LoadTest.Faults;

/// <summary>
/// Senders at several times what the daemon takes, over TCP and then over UDP: nothing is acked that is not stored, the books are exact, what is dropped is counted to the
/// datagram, and a while later the daemon serves a quiet agent as before. Starts daemons of its own.
/// </summary>
internal sealed class OverloadRun(LoadOptions options)
{
    /// <summary>The load offered, in what the daemon took of a sender that waits.</summary>
    private const double Times = 3;

    /// <summary>Below this part of what was offered the daemon was not overloaded.</summary>
    private const double TakenMax = 0.9;

    private const double RecoveredWithin = 3;
    private const double QuietSeconds = 1;
    private const int RecoverySecondsMax = 30;
    private const double RecoverySecondsBar = 5;

    private static readonly TimeSpan ReadyPatience = TimeSpan.FromSeconds(60);

    /// <summary>So little room that datagrams are dropped by the kernel and by the daemon: a socket's buffer of some hundred datagrams, a hot store of a second.</summary>
    private static readonly KeyValuePair<string, string>[] LittleRoom =
        [new("Udp__ReceiveBufferBytes", "256KiB"), new("Hot__MaxBytes", "16MiB"), new("Hot__RingSlots", "64"), new("Lake__FlushInterval", "1s")];

    private readonly List<string> _violations = [];
    private readonly List<string> _doubts = [];
    private readonly List<object> _results = [];

    public int Run()
    {
        try
        {
            WithDaemon([], OverTcp);
            foreach (var kind in (string[])["udp-lines", "udp-rows"]) WithDaemon(LittleRoom, daemon => OverUdp(daemon, kind));
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException or SocketException)
        {
            _violations.Add(fault.Message);
        }

        foreach (var violation in _violations) Console.WriteLine($"  VIOLATION: {violation}");
        foreach (var doubt in _doubts) Console.WriteLine($"  INCONCLUSIVE: {doubt}");
        options.WriteJson(new { Results = _results, Violations = _violations, Doubts = _doubts });
        if (_violations.Count > 0) return ExitCode.Violation;
        if (_doubts.Count > 0) return ExitCode.Inconclusive;
        Console.WriteLine("  PASS");
        return ExitCode.Pass;
    }

    private void WithDaemon(KeyValuePair<string, string>[] settings, Action<DaemonProcess> run)
    {
        var folder = Directory.CreateTempSubdirectory("datalayer-overload-").FullName;
        try
        {
            using var daemon = new DaemonProcess(options.Daemon, folder, settings);
            daemon.Start(ReadyPatience);
            run(daemon);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private void OverTcp(DaemonProcess daemon)
    {
        var kind = options.Kind.ToString().ToLowerInvariant();
        var quiet = Quiet(daemon);
        var capacity = Send(daemon, kind, 0, options.Seconds / 2);
        var took = capacity.AckedSamples / capacity.Seconds;
        Print($"tcp, {kind}: of senders that wait it takes {took:N0} samples/s");
        var load = Send(daemon, kind, Times * took, options.Seconds, "--beyond", "--window", "65536");
        var offered = Times * took * options.Seconds;
        Print($"  offered {offered:N0}, sent {load.SentSamples:N0}, acked {load.AckedSamples:N0}, stored {load.StoredSamples:N0}; the last acks {load.Seconds - options.Seconds:0.0} s after the end; resident at most {load.DaemonResidentBytesMax >> 20:N0} MiB");
        if (load.SentSamples > TakenMax * offered) _doubts.Add($"tcp, {kind}: the daemon took all that was offered.");
        var recovery = Recover(daemon, quiet, load.Seconds - options.Seconds);
        CheckFound(daemon, load, load.AckedSamples);
        _results.Add(new { Transport = "tcp", Capacity = took, Offered = offered, Load = load, Quiet = quiet, RecoverySeconds = recovery });
    }

    private void OverUdp(DaemonProcess daemon, string kind)
    {
        var quiet = Quiet(daemon);
        var load = Send(daemon, kind, 0, options.Seconds, "--beyond");
        var perDatagram = load.Udp is { Datagrams: > 0 } ? load.SentSamples / (load.Udp.Datagrams - 1 + load.Udp.KernelDrops) : 0;
        var kernel = (load.Udp?.KernelDrops ?? 0) * perDatagram;
        Print($"{kind}: sent {load.SentSamples:N0} = stored {load.StoredSamples:N0} + dropped by the kernel {kernel:N0}, by the daemon {load.DroppedSamples:N0} + refused as full {load.RejectedSamples:N0}; resident at most {load.DaemonResidentBytesMax >> 20:N0} MiB");
        if (load.SentSamples != load.StoredSamples + kernel + load.DroppedSamples + load.RejectedSamples) _violations.Add($"{kind}: what was sent is not what was stored, dropped and refused.");
        if (kernel + load.DroppedSamples == 0) _doubts.Add($"{kind}: the daemon took all that was sent.");
        var recovery = Recover(daemon, quiet, 0);
        CheckFound(daemon, load, load.StoredSamples);
        _results.Add(new { Transport = kind, Load = load, Quiet = quiet, RecoverySeconds = recovery });
    }

    /// <summary>Measured twice: the first time a daemon does anything, it compiles.</summary>
    private QuietWindow Quiet(DaemonProcess daemon)
    {
        Take(QuietWindow.Measure(daemon, QuietSeconds).Load);
        var quiet = QuietWindow.Measure(daemon, QuietSeconds);
        Take(quiet.Load);
        return quiet;
    }

    private LoadReport Send(DaemonProcess daemon, string kind, double rate, double seconds, params string[] more)
    {
        var load = new LoadRun(LoadOptions.Parse(
        [
            "--kind", kind, "--series", Text(options.Series), "--connections", Text(options.Connections), "--rate", Text(Math.Round(rate)), "--seconds", Text(seconds),
            .. more, .. QuietWindow.Addresses(daemon),
        ])).Run();
        Take(load);
        return load;
    }

    /// <summary>Seconds from the end of the overload until the quiet agent is served as before. Without bars it is not waited for long.</summary>
    private double Recover(DaemonProcess daemon, QuietWindow quiet, double drainSeconds)
    {
        Print($"  quiet before: {quiet}");
        var began = Stopwatch.GetTimestamp();
        var secondsMax = options.Bars ? RecoverySecondsMax : RecoverySecondsBar;
        while (Stopwatch.GetElapsedTime(began).TotalSeconds < secondsMax)
        {
            var seconds = drainSeconds + Stopwatch.GetElapsedTime(began).TotalSeconds;
            var window = QuietWindow.Measure(daemon, QuietSeconds);
            Take(window.Load);
            Print($"  {seconds:0.0} s after:    {window}");
            if (!window.IsWithin(RecoveredWithin, quiet)) continue;
            if (options.Bars && seconds > RecoverySecondsBar) _violations.Add(Line($"It took {seconds:0.0} s until a quiet agent was served as before."));
            return seconds;
        }

        if (options.Bars) _violations.Add($"A quiet agent was not served as before within {RecoverySecondsMax} s.");
        return -1;
    }

    /// <summary>All that was stored is found, and nothing else.</summary>
    private void CheckFound(DaemonProcess daemon, LoadReport load, long expected)
    {
        using var http = new DaemonHttp(daemon.Http);
        var found = (long)http.SqlRow($"SELECT count(*) FROM samples WHERE labels['run'] = '{load.Run}'")[0];
        if (found != expected) _violations.Add($"{load.Kind}: {expected} samples were stored, a query finds {found}.");
    }

    private void Take(LoadReport load)
    {
        _violations.AddRange(load.Violations.Select(violation => $"{load.Kind}: {violation}"));
        _doubts.AddRange(load.Doubts.Select(doubt => $"{load.Kind}: {doubt}"));
    }

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);

    private static void Print(FormattableString line) => Console.WriteLine(Line(line));

    private static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);
}
