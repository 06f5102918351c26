using System.Globalization;

namespace DataLayer.LoadTest.Faults;

/// <summary>
/// A well-behaved agent at a modest rate for a short time, with a sample in between that is asked for until it is seen: what the daemon does for others just then.
/// </summary>
internal sealed record QuietWindow(LatencyReport Ack, LatencyReport Visible, LoadReport Load)
{
    /// <summary>Small batches, 250 a second: of four lines' worth of what a usual host sends.</summary>
    private static readonly string[] Modest = ["--kind", "lines", "--series", "100", "--rate", "10000", "--batch-bytes", "3000"];

    public static QuietWindow Measure(DaemonProcess daemon, double seconds)
    {
        var load = new LoadRun(LoadOptions.Parse([.. Modest, .. Addresses(daemon), "--seconds", seconds.ToString(CultureInfo.InvariantCulture), "--visible"])).Run();
        return new QuietWindow(load.SendToAck, load.SendToVisible ?? new LatencyReport(0, 0, 0, 0, 0), load);
    }

    public static string[] Addresses(DaemonProcess daemon) =>
        ["--ingest", daemon.Ingest.ToString(), "--http", daemon.Http.ToString(), "--pid", daemon.Pid.ToString(CultureInfo.InvariantCulture)];

    /// <summary>Both latencies' p99 within so many times those of another window. Below a millisecond a ratio says nothing: the kernel's scheduler is that coarse.</summary>
    public bool IsWithin(double times, QuietWindow quiet) => IsWithin(times, Ack, quiet.Ack) && IsWithin(times, Visible, quiet.Visible);

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"ack p50 {Ack.P50Micros / 1000.0:0.0} p99 {Ack.P99Micros / 1000.0:0.0} ms, visible p50 {Visible.P50Micros / 1000.0:0.0} p99 {Visible.P99Micros / 1000.0:0.0} ms");

    private static bool IsWithin(double times, LatencyReport now, LatencyReport quiet) => now.P99Micros <= times * Math.Max(1000, quiet.P99Micros);
}
