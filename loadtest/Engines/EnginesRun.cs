using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace DataLayer.LoadTest.Engines;

/// <summary>
/// A steady load on a daemon that feeds real servers, one engine or several at once: how fast each takes it, how far it falls behind, and whether in the end it holds exactly what was acked.
/// With --times kills: the daemon and the servers are killed at random meanwhile. Starts all of them itself.
/// </summary>
internal sealed class EnginesRun(LoadOptions options)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan CatchUpPatience = TimeSpan.FromMinutes(20);

    private readonly List<string> _violations = [];
    private readonly List<EngineReading> _readings = [];
    private readonly LongLived _agents = new(options);

    public int Run()
    {
        var folder = Directory.CreateTempSubdirectory("datalayer-engines-").FullName;
        var engines = new List<EngineUnderTest>();
        List<EngineResult> results = [];
        try
        {
            foreach (var kind in options.Engines) engines.Add(EngineUnderTest.StartAsync(kind).GetAwaiter().GetResult());
            using var daemon = new DaemonProcess(options.Daemon, folder, [.. engines.SelectMany((engine, index) => engine.Configuration(index))]);
            daemon.Start(Patience);
            results = Load(daemon, engines);
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException or SocketException or TimeoutException or InvalidOperationException)
        {
            _violations.Add(fault.Message);
        }
        finally
        {
            foreach (var engine in engines) engine.Dispose();
        }

        return Report(folder, results);
    }

    private List<EngineResult> Load(DaemonProcess daemon, List<EngineUnderTest> engines)
    {
        using var http = new DaemonHttp(daemon.Http);
        var chaos = new EngineChaos(options, daemon, engines);
        var began = Stopwatch.GetTimestamp();
        _agents.Start(daemon, began + (long)(options.Seconds * Stopwatch.Frequency));
        while (_agents.IsSending)
        {
            Thread.Sleep(500);
            chaos.Act(Stopwatch.GetElapsedTime(began).TotalSeconds, _agents);
            Read(http, began);
        }

        chaos.RestoreAll();
        _agents.End(Patience);
        _violations.AddRange(_agents.Faults);
        if (options.Times > 0) Print($"  killed: {chaos}");
        var loaded = Stopwatch.GetElapsedTime(began).TotalSeconds;
        WaitUntilCaughtUp(http, began);
        Print($"  {_agents.SentSamples:N0} samples sent, {_agents.AckedSamples:N0} acked in {loaded:0.0} s; send→ack {_agents.Latencies.Report()}");
        if (_agents.AckedSamples != _agents.SentSamples) _violations.Add(Line($"{_agents.SentSamples} samples were sent, {_agents.AckedSamples} acked in the end."));
        return [.. engines.Select(engine => Check(http, engine, loaded))];
    }

    private void Read(DaemonHttp http, long began)
    {
        try
        {
            _readings.AddRange(EngineReading.Read(http, Stopwatch.GetElapsedTime(began).TotalSeconds));
        }
        catch (HttpRequestException)
        {
            // Killed a moment ago; it is started again.
        }
    }

    private void WaitUntilCaughtUp(DaemonHttp http, long began)
    {
        var waiting = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(waiting) < CatchUpPatience)
        {
            var now = EngineReading.Read(http, Stopwatch.GetElapsedTime(began).TotalSeconds);
            _readings.AddRange(now);
            if (now.TrueForAll(engine => engine.LagRecords == 0 && engine.State == "healthy")) return;
            Thread.Sleep(250);
        }

        _violations.Add(Line($"Not all engines had caught up after {CatchUpPatience.TotalMinutes:0} minutes."));
    }

    private EngineResult Check(DaemonHttp http, EngineUnderTest engine, double loaded)
    {
        List<EngineReading> own = [.. _readings.Where(reading => reading.Name == engine.Kind)];
        var caughtUp = own.First(reading => reading.Seconds >= loaded && reading.LagRecords == 0 || reading == own[^1]).Seconds;

        // Counted from the moment at which the first samples were there; the counts of a killed daemon begin anew.
        var start = own.FirstOrDefault(reading => reading.Written > 0) ?? own[^1];
        var rate = own.Max(reading => reading.Written - start.Written) / Math.Max(0.001, caughtUp - start.Seconds);
        var expected = engine.KeepsSamples ? _agents.SentSamples : options.Series;
        var found = EngineCount.Of(http, engine, options.Run, options.Series);
        if (found != expected) _violations.Add(Line($"{engine.Kind}: {expected} are expected, {found} are found."));
        if (own[^1].DeadLetters > 0) _violations.Add(Line($"{engine.Kind}: {own[^1].DeadLetters} good samples were refused."));
        var result = new EngineResult(engine.Kind, rate, own[^1].Written, own.Max(reading => reading.LagSeconds), own.Max(reading => reading.LagSamples), caughtUp - loaded, own[^1].Failures, found, expected);
        Print($"  {result.Name,-12} {result.Rate,12:N0} samples/s  behind at most {result.LagMaxSeconds,6:0.0} s, {result.LagMaxSamples,12:N0} samples  caught up {Math.Max(0, result.CaughtUpSeconds),6:0.0} s after the end  failures {result.Failures}  found {result.Found:N0} of {result.Expected:N0}");
        return result;
    }

    private int Report(string folder, List<EngineResult> results)
    {
        foreach (var violation in _violations) Console.WriteLine($"  VIOLATION: {violation}");
        options.WriteJson(new { options.Rate, options.Series, options.Seconds, options.Times, options.Seed, Results = results, Ack = _agents.Latencies.Report(), Violations = _violations });
        if (_violations.Count > 0)
        {
            Console.WriteLine($"  The folder is kept: {folder}");
            return ExitCode.Violation;
        }

        Directory.Delete(folder, recursive: true);
        Console.WriteLine("  PASS");
        return ExitCode.Pass;
    }

    private static void Print(FormattableString line) => Console.WriteLine(Line(line));

    private static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);
}
