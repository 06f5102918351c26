using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DataLayer.Cli.Tests;

/// <summary>A real daemon of its own: free ports, a data folder that is deleted at the end.</summary>
internal sealed class DaemonProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly StringBuilder _log = new();
    private Process? _process;

    private DaemonProcess()
    {
        using var http = new TcpListener(IPAddress.Loopback, 0);
        using var ingest = new TcpListener(IPAddress.Loopback, 0);
        http.Start();
        ingest.Start();
        Http = http.LocalEndpoint.ToString()!;
        Ingest = ingest.LocalEndpoint.ToString()!;
    }

    public string Http { get; }

    public string Ingest { get; }

    public string Folder { get; } = Directory.CreateTempSubdirectory("datalayer-cli-").FullName;

    public string Data => Path.Combine(Folder, "data");

    public static async Task<DaemonProcess> StartAsync(bool hasCollector = false)
    {
        var daemon = new DaemonProcess();
        await daemon.RestartAsync(hasCollector);
        return daemon;
    }

    /// <summary>Starts on the same folder and addresses; the one before has ended. Throws with the daemon's words when it does not become ready.</summary>
    public async Task RestartAsync(bool hasCollector = false)
    {
        var start = new ProcessStartInfo("dotnet", [Repository.Daemon]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Folder };
        start.Environment["DATALAYER_DATA_DIR"] = Data;
        start.Environment["DATALAYER_HTTP"] = Http;
        start.Environment["DATALAYER_INGEST"] = Ingest;
        start.Environment["DATALAYER_HOST_COLLECTOR"] = hasCollector ? "on" : "off";
        _process?.Dispose();
        _process = Process.Start(start)!;
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await ReadyAsync();
    }

    /// <summary>Runs a command of this program against this daemon, in this process.</summary>
    public Task<CliRun> CliAsync(params string[] args) => CliRun.RunAsync([.. args, "--http", Http, "--ingest", Ingest], time: TimeProvider.System);

    /// <summary>SIGTERM, and the exit code.</summary>
    public async Task<int> StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process!.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync().WaitAsync(StartTimeout);
        return _process.ExitCode;
    }

    /// <summary>SIGKILL: the log stays as the last commit left it.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false }) await KillAsync();
        _process?.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private async Task ReadyAsync()
    {
        using var http = new HttpClient();
        var started = Stopwatch.StartNew();
        while (started.Elapsed < StartTimeout && !_process!.HasExited)
        {
            try
            {
                if ((await http.GetAsync(new Uri($"http://{Http}/ready"))).IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(20);
        }

        throw new InvalidOperationException($"the daemon did not become ready:\n{Log()}");
    }

    private string Log()
    {
        lock (_log) return _log.ToString();
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_log) _log.AppendLine(line.Data);
    }
}
