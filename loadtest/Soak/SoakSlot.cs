using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace DataLayer.LoadTest.Soak;

/// <summary>A tenth of the load: one agent with a tenth of the series, and after some time another with others in its place. Owned by its thread until it has ended.</summary>
internal sealed class SoakSlot(LoadOptions options, DaemonProcess daemon, int slot, SoakClock clock)
{
    private static readonly TimeSpan AckPatience = TimeSpan.FromSeconds(60);

    private long _acked;
    private long _sent;

    public long SentSamples => Volatile.Read(ref _sent);

    public long AckedSamples => Volatile.Read(ref _acked);

    public int Generations { get; private set; }

    public string? Fault { get; private set; }

    /// <summary>Sends until the end of the soak. The first agents end one after the other, so that a tenth of the series goes at a time.</summary>
    public void Run()
    {
        try
        {
            var until = clock.StartTicks;
            while (Fault is null && until < clock.EndTicks)
            {
                until += clock.ChurnTicks * (Generations == 0 ? slot + 1 : SoakRun.Slots);
                SendAs(Generations++, Math.Min(until, clock.EndTicks));
            }
        }
        catch (Exception fault) when (fault is SocketException or IOException)
        {
            Fault = fault.Message;
        }
    }

    private void SendAs(int generation, long untilTicks)
    {
        var run = string.Create(CultureInfo.InvariantCulture, $"{options.Run}-{slot}-{generation}");
        string[] args =
        [
            "--kind", "rows", "--series", Text(options.Series / SoakRun.Slots), "--columns", Text(Math.Min(500, options.Series / SoakRun.Slots)), "--rate", Text(options.Rate / SoakRun.Slots),
            "--batch-bytes", Text(BatchBytes), "--step-us", Text(clock.StepMicros), "--run", run, "--ingest", daemon.Ingest.ToString(), "--http", daemon.Http.ToString(),
        ];
        var own = LoadOptions.Parse(args);
        using var sender = new TcpSender(own, BatchSource.Create(own, 0, clock.TimeMicros), "soak-" + run, slot);
        sender.Open();
        sender.Send(Stopwatch.GetTimestamp(), untilTicks);
        var isAcked = sender.WaitForAcks(AckPatience);
        Volatile.Write(ref _sent, _sent + sender.SentSamples);
        Volatile.Write(ref _acked, _acked + sender.AckedSamples);
        Fault ??= sender.Fault ?? (isAcked ? null : $"{run}: not all was acked within {AckPatience.TotalSeconds:0} s.");
    }

    /// <summary>Ten batches a second, in whole rows of 500 series.</summary>
    private double BatchBytes => Math.Clamp(Math.Floor(options.Rate / SoakRun.Slots / 10 * sizeof(double)), 4200, 1 << 20);

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
