using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace DataLayer.Servers;

/// <summary>
/// A real server in a process of its own: on loopback, on a free port, in a temporary folder. Stopped and removed when disposed. test.sh has installed its program; where it is missing the error says so.
/// Owned by one test or fixture.
/// </summary>
public abstract class TestServer : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(30);

    private const int SigKill = 9;
    private const int SigStop = 19;
    private const int SigCont = 18;

    private readonly List<string> _output = [];
    private Process? _process;

    protected TestServer(string name)
    {
        Name = name;
        Folder = Directory.CreateTempSubdirectory($"datalayer-{name}-").FullName;
        Port = FreePort();
    }

    public string Name { get; }

    /// <summary>The server's own folder.</summary>
    public string Folder { get; }

    public int Port { get; }

    public int ProcessId => _process!.Id;

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>The last lines that the server has printed.</summary>
    public string Output
    {
        get
        {
            lock (_output) return string.Join('\n', _output.TakeLast(40));
        }
    }

    /// <summary>Starts the server on the data that it has, and waits until it answers. Also after a stop or a kill.</summary>
    public async Task StartAsync()
    {
        if (IsRunning) throw new InvalidOperationException($"{Name} runs already.");
        var start = Command();
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{Name} did not start.");
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        var began = Stopwatch.GetTimestamp();
        while (!await IsReadyAsync())
        {
            if (_process.HasExited) throw new InvalidOperationException($"{Name} ended with {_process.ExitCode} at its start:\n{Output}");
            if (Stopwatch.GetElapsedTime(began) > StartTimeout) throw new TimeoutException($"{Name} was not ready after {StartTimeout.TotalSeconds:0} s:\n{Output}");
            await Task.Delay(20);
        }
    }

    /// <summary>Ends it as a crash does.</summary>
    public async Task KillAsync()
    {
        if (!IsRunning) return;
        foreach (var process in Processes()) _ = Kill(process, SigKill);
        await _process!.WaitForExitAsync();
    }

    /// <summary>The process stands still, as on a host that hangs: its connections stay open and nothing answers, until <see cref="Resume"/>.</summary>
    public void Suspend() => Signal(SigStop, Processes());

    public void Resume() => Signal(SigCont, Processes());

    /// <summary>Asks it to stop, and waits.</summary>
    public async Task StopAsync()
    {
        if (!IsRunning) return;
        Resume();
        await AskToStopAsync(_process!);
        using var patience = new CancellationTokenSource(StopTimeout);
        try
        {
            await _process!.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            await KillAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process?.Dispose();
        if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>The command that runs the server in the foreground.</summary>
    protected abstract ProcessStartInfo Command();

    protected abstract Task<bool> IsReadyAsync();

    /// <summary>The running server's processes: more than one where it has a process per connection.</summary>
    protected virtual IReadOnlyList<int> Processes() => [ProcessId];

    /// <summary>SIGTERM, where the server has no other wish.</summary>
    protected virtual Task AskToStopAsync(Process process)
    {
        ArgumentNullException.ThrowIfNull(process);
        Signal(15, [process.Id]);
        return Task.CompletedTask;
    }

    /// <summary>A port that nobody listened on just now.</summary>
    protected static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Whether somebody accepts connections on a port of loopback.</summary>
    protected static async Task<bool> AcceptsAsync(int port)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Sends a signal to processes of this server, while it runs.</summary>
    protected void Signal(int signal, IReadOnlyList<int> processes)
    {
        ArgumentNullException.ThrowIfNull(processes);
        if (!IsRunning) return;
        foreach (var process in processes) _ = Kill(process, signal);
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null) return;
        lock (_output)
        {
            _output.Add(line.Data);
            if (_output.Count > 400) _output.RemoveRange(0, 200);
        }
    }

    [DllImport("libc", EntryPoint = "kill", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int Kill(int process, int signal);
}
