using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using DataLayer.Protocol;

namespace DataLayer.LoadTest.Hostile;

/// <summary>
/// An honest agent alone, and then beside each hostile peer in turn: what it sends has to be stored, an agent that comes meanwhile has to be served, and the daemon's memory
/// and file handles have to stay within bounds and go back. Its latency is compared with that of the quiet daemon. Starts a daemon of its own, for all peers together.
/// </summary>
internal sealed class HostileRun(LoadOptions options)
{
    /// <summary>The bar for the honest agent's p99: so many times that of the quiet daemon, or of a millisecond where it was quicker.</summary>
    private const double RatioMax = 3;

    /// <summary>
    /// What the daemon may take beside what it took at the start: the budgets it is given below (256 + 64 + 64 + 64 MiB), a million series of 500 bytes, and 512 MiB for what flushes,
    /// for batches of 64 MiB being unpacked and for what the garbage collector has not given back.
    /// </summary>
    private const long GrowthBytesMax = (448L << 20) + 500_000_000 + (512L << 20);

    /// <summary>Files of the log and the lake, and connections of checks and agents: they come and go.</summary>
    private const int HandlesSlack = 128;

    private static readonly KeyValuePair<string, string>[] Budgets =
    [
        new("Hot__MaxBytes", "256MiB"), new("Hot__InFlightBytes", "64MiB"), new("Limits__SchemaBytes", "64MiB"), new("Limits__UnfinishedBytes", "64MiB"), new("Limits__Series", "1000000"),
    ];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<string> _violations = [];
    private readonly List<HostileResult> _results = [];
    private long _honestSamples;
    private long _newcomerSamples;
    private LatencyReport? _quiet;

    public int Run()
    {
        var folder = Directory.CreateTempSubdirectory("datalayer-hostile-").FullName;
        try
        {
            using var daemon = new DaemonProcess(options.Daemon, folder, Budgets);
            daemon.Start(Patience);
            RunAll(daemon);
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException or SocketException)
        {
            _violations.Add(fault.Message);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        foreach (var violation in _violations) Console.WriteLine($"  VIOLATION: {violation}");
        options.WriteJson(new { Quiet = _quiet, Results = _results, Violations = _violations });
        if (_violations.Count > 0) return ExitCode.Violation;
        Console.WriteLine("  PASS");
        return ExitCode.Pass;
    }

    private void RunAll(DaemonProcess daemon)
    {
        using var usage = new UsageSampler(daemon.Pid);
        Phase(daemon, usage, null);
        _results.Clear(); // The first time the daemon does anything it compiles.
        _quiet = Phase(daemon, usage, null).Honest;
        var start = usage.ResidentBytes;
        foreach (var peer in Peers())
        {
            using (peer)
            {
                var result = Phase(daemon, usage, peer);
                if (result.ResidentMost > start + GrowthBytesMax) _violations.Add(Line($"{peer.Name}: the daemon took {result.ResidentMost >> 20} MiB, {start >> 20} MiB at the start."));
                if (result.HandlesMost > result.HandlesBefore + peer.Connections + HandlesSlack) _violations.Add(Line($"{peer.Name}: {result.HandlesMost} handles, {result.HandlesBefore} before."));
                if (result.HandlesAfter > result.HandlesBefore + HandlesSlack) _violations.Add(Line($"{peer.Name}: {result.HandlesAfter} handles after it had gone, {result.HandlesBefore} before."));
                if (options.Bars && result.Ratio > RatioMax) _violations.Add(Line($"{peer.Name}: the honest agent's p99 was {result.Ratio:0.0} times that of the quiet daemon."));
            }
        }

        CheckStored(daemon);
    }

    private IEnumerable<HostilePeer> Peers()
    {
        var payloads = new HostilePayloads(options.Run);
        var crowd = Math.Min(options.Connections, ProcessUsage.HandlesMax - 1000);
        if (crowd < options.Connections) Print($"This machine allows {ProcessUsage.HandlesMax} open files to a process: {crowd} connections instead of {options.Connections}.");
        var few = Math.Max(10, crowd / 10);
        using var hello = new MsgPackWriter();
        MessageEncoder.WriteHello(hello);
        yield return new CrowdPeer("slow-loris", few, HostilePayloads.BegunLine, HostilePayloads.BegunRequest, (byte)'x');
        yield return new CrowdPeer("half-open", few, HostilePayloads.BegunHello);
        yield return new CrowdPeer(Line($"{crowd} connections"), crowd, hello.Written.ToArray());
        yield return new FloodPeer("never reads", 4, HostilePayloads.Flushes, reads: false);
        yield return new FloodPeer("garbage", 4, HostilePayloads.Garbage);
        yield return new FloodPeer("new series", 2, payloads.NewSeries);
        yield return new FloodPeer("schema bombs", 2, payloads.Schema);
        yield return new FloodPeer("zstd bombs", 4, HostilePayloads.ZstdBombs());
        yield return new FloodPeer("lz4 bombs", 16, payloads.Lz4Bombs());
    }

    private HostileResult Phase(DaemonProcess daemon, UsageSampler usage, HostilePeer? peer)
    {
        var name = peer?.Name ?? "quiet";
        var before = usage.Restart();
        using var honest = new HonestAgent(daemon, options.Run);
        honest.Open();
        peer?.Start(daemon.Ingest, daemon.Http);
        Thread.Sleep(500);
        var (began, cpu) = (Stopwatch.GetTimestamp(), usage.CpuSeconds);
        honest.Begin(options.Seconds);
        Thread.Sleep(TimeSpan.FromSeconds(options.Seconds / 4));
        using var newcomer = new HonestAgent(daemon, options.Run + "-new");
        newcomer.Open();
        newcomer.Begin(options.Seconds / 2);
        honest.End();
        newcomer.End();
        var cores = (usage.CpuSeconds - cpu) / Stopwatch.GetElapsedTime(began).TotalSeconds;
        peer?.Stop();
        _honestSamples += honest.SentSamples;
        _newcomerSamples += newcomer.SentSamples;
        if (honest.Fault is { } fault) _violations.Add($"{name}: the honest agent: {fault}");
        if (newcomer.Fault is { } other) _violations.Add($"{name}: an agent that came meanwhile: {other}");
        CheckBooks(daemon, name);
        WaitForHandles(usage, before.Handles);
        var ratio = _quiet is { } quiet ? honest.Acks.P99Micros / (double)Math.Max(1000, quiet.P99Micros) : 1;
        var result = new HostileResult(
            name, honest.Acks, ratio, newcomer.Acks, cores, before.Resident, usage.ResidentMost, usage.ResidentBytes, before.Handles, usage.HandlesMost, usage.Handles);
        _results.Add(result);
        Print($"  {name,-18} ack p50 {result.Honest.P50Micros / 1000.0,7:0.0}  p99 {result.Honest.P99Micros / 1000.0,7:0.0} ms ({ratio:0.0}×)  newcomer p99 {result.Newcomer.P99Micros / 1000.0,7:0.0} ms  cores {cores:0.0}  memory {before.Resident >> 20} → {result.ResidentMost >> 20} → {result.ResidentAfter >> 20} MiB  handles {before.Handles} → {result.HandlesMost} → {result.HandlesAfter}");
        return result;
    }

    private void CheckBooks(DaemonProcess daemon, string name)
    {
        using var http = new DaemonHttp(daemon.Http);
        var status = http.StatusWhenIdle(Patience);
        if (!status.Adds) _violations.Add($"{name}: the books do not add up: {status}");
        else if (!status.IsIdle) _violations.Add($"{name}: the daemon did not come to rest: {status}");
    }

    private static void WaitForHandles(UsageSampler usage, int before)
    {
        var deadline = DateTime.UtcNow.AddSeconds(20);
        while (usage.Sample().Handles > before + HandlesSlack && DateTime.UtcNow < deadline) Thread.Sleep(100);
    }

    /// <summary>All that the honest agents sent is found, once.</summary>
    private void CheckStored(DaemonProcess daemon)
    {
        using var http = new DaemonHttp(daemon.Http);
        foreach (var (run, sent) in new[] { (options.Run, _honestSamples), (options.Run + "-new", _newcomerSamples) })
        {
            var found = (long)http.SqlRow($"SELECT count(*) FROM samples WHERE name = '{SeriesNames.Metric}' AND labels['run'] = '{run}'")[0];
            Print($"  run {run}: {sent:N0} samples sent and acked, {found:N0} found");
            if (found != sent) _violations.Add(Line($"{sent} samples of honest agents were acked, {found} are found."));
        }
    }

    private static void Print(FormattableString line) => Console.WriteLine(Line(line));

    private static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);
}
