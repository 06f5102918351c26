using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace DataLayer.LoadTest;

/// <summary>A daemon of our own: on a folder and ports of its own, started, killed and started again.</summary>
internal sealed class DaemonProcess : IDisposable
{
    private const int SigTerm = 15;

    private readonly string _dll;
    private readonly string _folder;
    private readonly KeyValuePair<string, string>[] _settings;
    private Process? _process;

    /// <param name="settings">Options of the daemon, such as Hot__MaxBytes.</param>
    public DaemonProcess(string dll, string folder, params KeyValuePair<string, string>[] settings)
    {
        _dll = dll;
        _folder = folder;
        _settings = settings;
        Http = new IPEndPoint(IPAddress.Loopback, FreePort());
        Ingest = new IPEndPoint(IPAddress.Loopback, FreePort());
    }

    public IPEndPoint Http { get; }

    public IPEndPoint Ingest { get; }

    public string OutputFile => Path.Combine(_folder, "output.txt");

    public int Pid => _process?.Id ?? 0;

    /// <summary>A loopback port that nobody listened on a moment ago.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Starts it, and waits until it is ready; returns how long that took. Throws <see cref="IOException"/> where it ends or takes too long.</summary>
    public TimeSpan Start(TimeSpan patience)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList = { _dll },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["DATALAYER_DATA_DIR"] = Path.Combine(_folder, "data"),
                ["DATALAYER_HTTP"] = Http.ToString(),
                ["DATALAYER_INGEST"] = Ingest.ToString(),
                ["DATALAYER_HOST_COLLECTOR"] = "off",

                // Every restart leaves late samples, which the statements that count everything hold in memory until they are merged.
                ["DataLayer__Query__MemoryBytes"] = "4GiB",
                ["DataLayer__Query__Timeout"] = "5m",
            },
        };
        foreach (var (key, value) in _settings) start.Environment[$"DataLayer__{key}"] = value;
        var began = Stopwatch.GetTimestamp();
        _process?.Dispose();
        _process = Process.Start(start) ?? throw new IOException("The daemon did not start.");
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        using var http = new DaemonHttp(Http);
        while (!http.IsReady())
        {
            if (_process.HasExited) throw new IOException(string.Create(CultureInfo.InvariantCulture, $"The daemon ended with {_process.ExitCode}; see {OutputFile}."));
            if (Stopwatch.GetElapsedTime(began) > patience) throw new IOException($"The daemon was not ready within {patience.TotalSeconds:0} s; see {OutputFile}.");
            Thread.Sleep(10);
        }

        return Stopwatch.GetElapsedTime(began);
    }

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
    }

    /// <summary>SIGTERM; returns the exit code, or null where it does not end in time.</summary>
    public int? Stop(TimeSpan patience)
    {
        Terminate(_process!);
        return _process!.WaitForExit(patience) ? _process.ExitCode : null;
    }

    public static void Terminate(Process process) => _ = kill(process.Id, SigTerm);

    public void Dispose()
    {
        if (_process is null) return;
        if (!_process.HasExited) Kill();
        _process.Dispose();
        _process = null;
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null) return;
        lock (_dll) File.AppendAllText(OutputFile, line.Data + "\n");
    }

    [DllImport("libc")]
    private static extern int kill(int pid, int signal);
}
