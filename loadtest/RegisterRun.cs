using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace DataLayer.LoadTest;

/// <summary>How long it takes until so many series that nobody has seen are registered, each with its first sample, and acked as durable. Starts a daemon of its own.</summary>
internal sealed class RegisterRun(LoadOptions options)
{
    /// <summary>The bar: a million in ten seconds.</summary>
    private const double SeriesPerSecondMin = 100_000;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public int Run()
    {
        var folder = Directory.CreateTempSubdirectory("datalayer-register-").FullName;
        try
        {
            using var daemon = new DaemonProcess(options.Daemon, folder);
            daemon.Start(Patience);
            return Register(daemon);
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException or SocketException)
        {
            Console.WriteLine($"  VIOLATION: {fault.Message}");
            return ExitCode.Violation;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private int Register(DaemonProcess daemon)
    {
        var own = options.At(daemon.Ingest, daemon.Http);
        var start = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1000;
        TcpSender[] senders = [.. Enumerable.Range(0, own.Connections).Select(i => new TcpSender(own, BatchSource.Create(own, i, start), Line($"register-{own.Run}-{i}"), i))];
        var usage = new ProcessUsage(daemon.Pid);
        var began = Stopwatch.GetTimestamp();
        List<Thread> threads = [.. senders.Select(sender => new Thread(() => SendOnce(sender, own.SeriesPerConnection)))];
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        usage.Sample();
        var acked = senders.All(sender => sender.Fault is null && sender.AckedSeq == sender.LastSeq && sender.LastSeq > 0);
        var fault = senders.Select(sender => sender.Fault).FirstOrDefault(fault => fault is not null);
        foreach (var sender in senders) sender.Dispose();
        using var http = new DaemonHttp(daemon.Http);
        var found = (long)http.SqlRow($"SELECT count(*) FROM series WHERE labels['run'] = '{own.Run}'")[0];
        Console.WriteLine(Line($"register, {own.Kind}: {own.Series:N0} new series, {own.Connections} connections: {seconds:0.00} s, {own.Series / seconds:N0} series/s; daemon {usage.CpuSeconds:0.0} CPU s, resident {usage.LastResidentBytes >> 20} MiB"));
        if (!acked) return Violation($"Not all was acked. {fault}");
        if (found != own.Series) return Violation(Line($"{own.Series} series were sent, {found} are there."));
        if (options.Bars && own.Series / seconds < SeriesPerSecondMin) return Violation(Line($"The bar is {SeriesPerSecondMin:N0} series a second."));
        Console.WriteLine("  PASS");
        return ExitCode.Pass;
    }

    private static void SendOnce(TcpSender sender, int series)
    {
        try
        {
            sender.Open();
            sender.Resend((series + sender.SamplesPerBatch - 1) / sender.SamplesPerBatch);
            sender.WaitForAcks(Patience);
        }
        catch (Exception fault) when (fault is SocketException or IOException)
        {
            // The sender keeps it, or has sent nothing.
        }
    }

    private static int Violation(string text)
    {
        Console.WriteLine($"  VIOLATION: {text}");
        return ExitCode.Violation;
    }

    private static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);
}
