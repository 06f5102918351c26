using System.Globalization;
using System.Text;

namespace DataLayer.LoadTest;

/// <summary>What came of a run; written as JSON as it is.</summary>
internal sealed record LoadReport
{
    public required string Kind { get; init; }

    /// <summary>The label of its series.</summary>
    public required string Run { get; init; }

    public required long Series { get; init; }

    public required int Connections { get; init; }

    public required double RateAskedPerSecond { get; init; }

    /// <summary>From the first batch to the last ack.</summary>
    public required double Seconds { get; init; }

    public required long SentSamples { get; init; }

    public required long AckedSamples { get; init; }

    public required long SentBytes { get; init; }

    /// <summary>By the daemon's counters, since the run began; less than 0: not known.</summary>
    public long StoredSamples { get; init; } = -1;

    public long RejectedSamples { get; init; } = -1;

    public long DroppedSamples { get; init; } = -1;

    public UdpStatus? Udp { get; init; }

    public required double SenderCpuSeconds { get; init; }

    public double DaemonCpuSeconds { get; init; }

    public long DaemonResidentBytes { get; init; }

    public long DaemonResidentBytesMax { get; init; }

    public required LatencyReport SendToAck { get; init; }

    public LatencyReport? SendToVisible { get; init; }

    public LatencyReport? Latest { get; init; }

    public required IReadOnlyList<string> Violations { get; init; }

    public required IReadOnlyList<string> Doubts { get; init; }

    public int ExitCode => Violations.Count > 0 ? LoadTest.ExitCode.Violation : Doubts.Count > 0 ? LoadTest.ExitCode.Inconclusive : LoadTest.ExitCode.Pass;

    public override string ToString()
    {
        var text = new StringBuilder();
        var rate = AckedSamples > 0 ? AckedSamples / Seconds : SentSamples / Seconds;
        Line($"{Kind}: {Series:N0} series, {Connections} connection(s), {Seconds:0.0} s");
        Line($"  sent      {SentSamples,16:N0} samples, {SentBytes / (double)Math.Max(1, SentSamples):0.0} bytes each");
        Line($"  acked     {AckedSamples,16:N0}");
        if (StoredSamples >= 0)
        {
            Line($"  stored    {StoredSamples,16:N0}");
            Line($"  rejected  {RejectedSamples,16:N0}");
            Line($"  dropped   {DroppedSamples,16:N0}");
        }

        if (Udp is not null) Line($"  datagrams {Udp.Datagrams,16:N0} received, {Udp.KernelDrops:N0} dropped by the kernel, {Udp.Missing:N0} missing by number");
        Line($"  rate      {rate,16:N0} samples/s{(RateAskedPerSecond > 0 ? $" of {RateAskedPerSecond:N0} asked for" : string.Empty)}");
        Line($"  sender    {SenderCpuSeconds,16:0.00} CPU s, {SenderCpuSeconds * 1e9 / Math.Max(1, SentSamples):0.0} ns a sample");
        if (DaemonResidentBytesMax > 0)
        {
            Line($"  daemon    {DaemonCpuSeconds,16:0.00} CPU s, {DaemonCpuSeconds * 1e9 / Math.Max(1, SentSamples):0.0} ns a sample, resident {DaemonResidentBytes >> 20:N0} MiB, at most {DaemonResidentBytesMax >> 20:N0} MiB");
        }

        if (SendToAck.Count > 0) Line($"  send→ack      {SendToAck}");
        if (SendToVisible is not null) Line($"  send→visible  {SendToVisible}");
        if (Latest is not null) Line($"  GET latest    {Latest}");
        foreach (var violation in Violations) Line($"  VIOLATION: {violation}");
        foreach (var doubt in Doubts) Line($"  INCONCLUSIVE: {doubt}");
        if (ExitCode == LoadTest.ExitCode.Pass) Line($"  PASS");
        return text.ToString().TrimEnd();

        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
    }
}
