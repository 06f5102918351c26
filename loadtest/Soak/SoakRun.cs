using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using DataLayer.LoadTest.Hostile;

namespace DataLayer.LoadTest.Soak;

/// <summary>
/// A steady load for a long time, a tenth of its series replaced again and again, while the lake merges and deletes: memory and handles have to stay as they are, and
/// nothing may be lost. Deleted raw samples are still counted by the rollups of an hour. Starts a daemon of its own.
/// </summary>
internal sealed class SoakRun(LoadOptions options)
{
    public const int Slots = 10;

    private const double HandlesSlack = 32;
    private const double LatencySlackMillis = 5;
    private const double ProbeSeconds = 1;

    /// <summary>Of the raw bytes that the run makes, at 1.2 bytes a sample, so much is kept: the rest is deleted while it runs.</summary>
    private const double KeptPart = 0.25;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<SoakSample> _samples = [];
    private readonly List<string> _violations = [];
    private readonly List<string> _doubts = [];
    private long _probed;

    /// <summary>Memory may grow by a tenth, or by so much. A run of less than ten minutes is still filling pools and the hot store, which has 512 MiB, in its second half.</summary>
    private double MemorySlackBytes => options.Seconds >= 600 ? 64 << 20 : 512 << 20;

    public int Run()
    {
        var folder = Directory.CreateTempSubdirectory("datalayer-soak-").FullName;
        SoakVerdict[] verdicts = [];
        try
        {
            using var daemon = new DaemonProcess(options.Daemon, folder, Settings());
            daemon.Start(Patience);
            Soak(daemon, folder);
            verdicts = Judge();
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
        foreach (var doubt in _doubts) Console.WriteLine($"  INCONCLUSIVE: {doubt}");
        var report = new { options.Rate, options.Series, options.Seconds, options.ChurnSeconds, Samples = _samples, Verdicts = verdicts, Violations = _violations, Doubts = _doubts };
        options.WriteJson(report);
        if (_violations.Count > 0) return ExitCode.Violation;
        if (_doubts.Count > 0) return ExitCode.Inconclusive;
        Console.WriteLine("  PASS");
        return ExitCode.Pass;
    }

    private KeyValuePair<string, string>[] Settings()
    {
        var interval = Math.Clamp(options.Seconds / 10, 1, 10);
        var kept = Math.Max(1 << 20, options.Rate * options.Seconds * 1.2 * KeptPart);
        return
        [
            new("Hot__MaxBytes", "512MiB"), new("Lake__FlushInterval", Line($"{interval:0}s")), new("Lake__MaintenanceInterval", Line($"{interval:0}s")), new("Lake__MaxRawBytes", Line($"{kept:0}")),
        ];
    }

    private void Soak(DaemonProcess daemon, string folder)
    {
        var clock = new SoakClock(options);
        SoakSlot[] slots = [.. Enumerable.Range(0, Slots).Select(slot => new SoakSlot(options, daemon, slot, clock))];
        List<Thread> threads = [.. slots.Select(slot => new Thread(slot.Run))];
        foreach (var thread in threads) thread.Start();
        var interval = Math.Clamp(options.Seconds / 200, ProbeSeconds, 5);
        while (clock.ElapsedSeconds + ProbeSeconds < options.Seconds && slots.All(slot => slot.Fault is null))
        {
            Sample(daemon, folder, clock);
            Thread.Sleep(TimeSpan.FromSeconds(interval - ProbeSeconds));
        }

        foreach (var thread in threads) thread.Join();
        _violations.AddRange(slots.Select(slot => slot.Fault).OfType<string>());
        Check(daemon, slots);
    }

    private void Sample(DaemonProcess daemon, string folder, SoakClock clock)
    {
        using var agent = new HonestAgent(daemon, options.Run + "-probe");
        using var probe = new VisibleProbe(options.At(daemon.Ingest, daemon.Http));
        agent.Open();
        agent.Begin(ProbeSeconds);
        var start = Stopwatch.GetTimestamp();
        probe.Run(start, start + (long)(ProbeSeconds * Stopwatch.Frequency));
        agent.End();
        _probed += agent.SentSamples;
        _violations.AddRange(new[] { agent.Fault, probe.Fault }.OfType<string>());
        var usage = new ProcessUsage(daemon.Pid);
        usage.Sample();
        var sample = new SoakSample(
            clock.ElapsedSeconds, usage.LastResidentBytes, usage.Handles, usage.Threads, DiskBytes(folder), agent.Acks.P99Micros / 1000.0, probe.Latencies.Report().P99Micros / 1000.0);
        _samples.Add(sample);
        Print($"  {sample.Seconds,6:0} s  {sample.ResidentBytes >> 20,5} MiB  {sample.Handles,4} handles  {sample.Threads,3} threads  disk {sample.DiskBytes >> 20,5} MiB  ack p99 {sample.AckP99Millis,6:0.0} ms  visible p99 {sample.VisibleP99Millis,6:0.0} ms");
    }

    private void Check(DaemonProcess daemon, SoakSlot[] slots)
    {
        using var http = new DaemonHttp(daemon.Http);
        var status = http.StatusWhenIdle(Patience);
        var (sent, acked) = (slots.Sum(slot => slot.SentSamples), slots.Sum(slot => slot.AckedSamples));
        if (!status.Adds || !status.IsIdle) _violations.Add($"The books do not add up: {status}");
        if (status.Rejected + status.Dropped > 0) _violations.Add(Line($"{status.Rejected} good samples were rejected, {status.Dropped} dropped: {status.Refusals}."));
        if (status.Stored < acked + _probed) _violations.Add(Line($"{acked + _probed} samples were acked, {status.Stored} were stored."));
        var counted = (long)http.SqlRow($"SELECT sum(count) FROM rollup_1h WHERE name = '{SeriesNames.Metric}' AND labels['run'] LIKE '{options.Run}-%'")[0];
        var raw = (long)http.SqlRow($"SELECT count(*) FROM samples WHERE name = '{SeriesNames.Metric}' AND labels['run'] LIKE '{options.Run}-%'")[0];
        Print($"  {slots.Sum(slot => slot.Generations)} agents, sent {sent:N0}, acked {acked:N0}, probes {_probed:N0}; in the rollups {counted:N0}, of which raw as well {raw:N0}; files deleted {status.FilesExpired:N0}, merges {status.Merges:N0}");
        if (counted != sent + _probed) _violations.Add(Line($"{sent + _probed} samples were sent and acked, the rollups count {counted}."));
        if (raw > counted) _violations.Add(Line($"{raw} raw samples are found, {counted} were stored."));
        if (status.FilesExpired == 0 || status.Merges == 0) _doubts.Add("The lake did not merge and delete while it ran.");
        if (acked < options.Rate * options.Seconds * 0.8) _doubts.Add(Line($"{acked} samples were sent in {options.Seconds} s: less than the rate asked for."));
    }

    private SoakVerdict[] Judge()
    {
        SoakVerdict[] verdicts =
        [
            SoakVerdict.Of("memory", _samples, sample => sample.ResidentBytes, 0.1, MemorySlackBytes),
            SoakVerdict.Of("handles", _samples, sample => sample.Handles, 0, HandlesSlack),
            SoakVerdict.Of("ack p99, ms", _samples, sample => sample.AckP99Millis, 0.5, LatencySlackMillis),
            SoakVerdict.Of("visible p99, ms", _samples, sample => sample.VisibleP99Millis, 0.5, LatencySlackMillis),
            SoakVerdict.Of("disk", _samples, sample => sample.DiskBytes, 0.25, MemorySlackBytes),
        ];
        for (var i = 0; i < verdicts.Length; i++)
        {
            var verdict = verdicts[i];
            Print($"  {verdict.What,-16} mean {verdict.Mean,14:N1}  growth over the second half {verdict.Growth,14:N1}  allowed {verdict.Allowed,14:N1}  {(verdict.IsFlat ? "flat" : "GROWS")}");
            if (!verdict.IsFlat && (i < 2 || options.Bars)) _violations.Add($"{verdict.What}: it grows.");
        }

        return verdicts;
    }

    private static long DiskBytes(string folder)
    {
        var bytes = 0L;
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            try
            {
                bytes += file.Length;
            }
            catch (FileNotFoundException)
            {
                // Merged or deleted a moment ago.
            }
        }

        return bytes;
    }

    private static void Print(FormattableString line) => Console.WriteLine(Line(line));

    private static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);
}
