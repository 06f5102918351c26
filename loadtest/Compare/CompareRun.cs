using System.Diagnostics;
using System.Globalization;

namespace DataLayer.LoadTest.Compare;

/// <summary>
/// Our daemon and its peers one at a time on this machine, the same series and values, each as fast as it takes them; round by round, so that
/// ratios are of neighbours. Fails where a server does not hold what it answered for.
/// </summary>
internal sealed class CompareRun(LoadOptions options)
{
    private static readonly TimeSpan VisiblePatience = TimeSpan.FromMinutes(5);

    private readonly List<CompareResult> _results = [];
    private readonly List<string> _violations = [];

    public int Run()
    {
        for (var round = 1; round <= options.Times; round++)
        {
            foreach (var contender in Contenders()) RunOne(contender, round);
        }

        Print();
        options.WriteJson(new { Results = _results, Violations = _violations });
        return _violations.Count > 0 ? ExitCode.Violation : ExitCode.Pass;
    }

    private IEnumerable<Contender> Contenders()
    {
        yield return new DaemonContender(LoadKind.Rows, options.Daemon);
        yield return new DaemonContender(LoadKind.Points, options.Daemon);
        yield return new DaemonContender(LoadKind.Lines, options.Daemon);
        foreach (var peer in options.Peers)
        {
            switch (peer)
            {
                case "victoria-metrics":
                    yield return Peer("VictoriaMetrics, Influx lines", PeerServer.VictoriaMetrics, "write?precision=ms", Lines, CountPromQl);
                    yield return Peer("VictoriaMetrics, remote write", PeerServer.VictoriaMetrics, "api/v1/write", Remote, CountPromQl);
                    break;
                case "influxdb":
                    yield return Peer("InfluxDB, lines", PeerServer.InfluxDb, "write?db=load&precision=ms", Lines, CountInfluxQl, isDurable: true);
                    break;
                default:
                    yield return Peer("Prometheus, remote write", PeerServer.Prometheus, "api/v1/write", Remote, CountPromQl);
                    break;
            }
        }
    }

    private static PeerContender Peer(
        string name, PeerServer server, string path, Func<LoadOptions, int, long, IPayload> payload, Func<LoadOptions, string> count, bool isDurable = false) =>
        new(name, server, path, payload, count, isDurable);

    private static IPayload Lines(LoadOptions options, int connection, long startMicros) => new InfluxLines(options, connection, startMicros);

    private static IPayload Remote(LoadOptions options, int connection, long startMicros) => new RemoteWrite(options, connection, startMicros);

    // The samples begin an hour before the run, and in it an instant lasts no longer than --step-us.
    private static string CountPromQl(LoadOptions options) =>
        "api/v1/query?query=" + Uri.EscapeDataString($"sum(count_over_time({{__name__=~\"load.*\",run=\"{options.Run}\"}}[2h]))") + string.Create(CultureInfo.InvariantCulture, $"&time={DateTimeOffset.UtcNow.ToUnixTimeSeconds()}");

    private static string CountInfluxQl(LoadOptions options) => "query?db=load&q=" + Uri.EscapeDataString($"SELECT count(*) FROM load WHERE run = '{options.Run}'");

    private void RunOne(Contender contender, int round)
    {
        var folder = Directory.CreateTempSubdirectory("datalayer-compare-").FullName;
        options.Run = Guid.NewGuid().ToString("N")[..8];
        try
        {
            contender.Start(folder);
            using var usage = new UsageSampler(contender.Pid);
            var startMicros = (DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 3600) * 1_000_000;
            var began = Stopwatch.GetTimestamp();
            var samples = contender.Send(options, startMicros);
            var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
            var visible = WaitUntilVisible(contender, samples);
            contender.Settle();
            Thread.Sleep(TimeSpan.FromSeconds(options.SettleSeconds));
            usage.Sample();
            var disk = new DirectoryInfo(Path.Combine(folder, "data")).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
            Add(new CompareResult(contender.Name, round, samples, samples / seconds, visible, usage.CpuSeconds * 1e6 / samples, usage.ResidentMost, disk / (double)samples, contender.IsDurable));
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException or System.ComponentModel.Win32Exception or TaskCanceledException)
        {
            _violations.Add($"{contender.Name}, round {round}: {fault.Message}");
            Console.WriteLine($"  {contender.Name}: {fault.Message}");
        }
        finally
        {
            contender.Dispose();
            Directory.Delete(folder, recursive: true);
        }
    }

    private double WaitUntilVisible(Contender contender, long samples)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var found = contender.Count(options);
            var waited = Stopwatch.GetElapsedTime(began);
            if (found == samples) return waited.TotalSeconds;
            if (found > samples || waited > VisiblePatience)
            {
                _violations.Add(string.Create(CultureInfo.InvariantCulture, $"{contender.Name}: {samples} samples were answered for, a query finds {found} after {waited.TotalSeconds:0} s."));
                return double.NaN;
            }

            Thread.Sleep(100);
        }
    }

    private void Add(CompareResult result)
    {
        _results.Add(result);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {result.Round}: {result.Contender,-30} {result.SamplesPerSecond,12:N0} samples/s"));
    }

    private void Print()
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"\n{options.Series:N0} series, {options.Connections} connections, {options.Seconds:0} s a run, medians of {options.Times}; ratio: DataLayer's rows in the same round to it"));
        Console.WriteLine("                                    samples/s     ratio   CPU µs    peak MiB    disk B   visible s  durable at the answer");
        foreach (var runs in _results.GroupBy(result => result.Contender))
        {
            var ratios = runs.Select(run => _results.Find(own => own.Round == run.Round && own.Contender == "DataLayer, rows")?.SamplesPerSecond / run.SamplesPerSecond ?? double.NaN);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {runs.Key,-30} {Median(runs.Select(run => run.SamplesPerSecond)),12:N0}  {Median(ratios),7:0.0}×  {Median(runs.Select(run => run.ServerCpuMicros)),7:0.000}  {Median(runs.Select(run => run.PeakResidentBytes / 1048576.0)),10:N0}  {Median(runs.Select(run => run.DiskBytes)),8:0.00}  {Median(runs.Select(run => run.VisibleSeconds)),10:0.0}  {(runs.First().IsDurable ? "yes" : "no")}"));
        }

        foreach (var violation in _violations) Console.WriteLine($"  VIOLATION: {violation}");
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : sorted[sorted.Length / 2];
    }
}
