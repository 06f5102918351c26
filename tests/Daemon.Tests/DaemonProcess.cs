using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace DataLayer.Daemon.Tests;

/// <summary>A real daemon as a child process, on free ports and a folder of its own that is deleted in the end.</summary>
internal sealed partial class DaemonProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly StringBuilder _output = new();
    private readonly Process _process;
    private readonly HttpClient _client = new() { Timeout = Patience };
    private readonly bool _ownsFolder;

    private DaemonProcess(string folder, bool ownsFolder, string[] before, string[] args)
    {
        (Folder, _ownsFolder) = (folder, ownsFolder);
        _process = Start(before, ["--data-dir", folder, "--http", "127.0.0.1:0", "--ingest", "127.0.0.1:0", .. args], []);
        _process.OutputDataReceived += (_, line) => Note(line.Data);
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Folder { get; }

    public IPEndPoint Http { get; private set; } = null!;

    public IPEndPoint Ingest { get; private set; } = null!;

    public int Id => _process.Id;

    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    /// <summary>A new folder below the system's temporary one.</summary>
    public static string NewFolder() => Directory.CreateTempSubdirectory("datalayerd-test-").FullName;

    /// <summary>Starts a daemon and waits until it is ready. A folder that is given stays the caller's.</summary>
    public static Task<DaemonProcess> StartAsync(string? folder = null, params string[] args) =>
        StartAsync(new DaemonProcess(folder ?? NewFolder(), folder is null, [], args));

    /// <summary>Starts a daemon whose wall clock is what a file says, in words of libfaketime, once a second; its monotonic clock is the real one.</summary>
    public static Task<DaemonProcess> StartWithClockAsync(string clock, string folder, params string[] args)
    {
        var library = Directory.EnumerateFiles("/usr/lib", "libfaketimeMT.so.1", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2, IgnoreInaccessible = true }).First();
        string[] before = ["env", $"LD_PRELOAD={library}", $"FAKETIME_TIMESTAMP_FILE={clock}", "FAKETIME_CACHE_DURATION=1", "FAKETIME_DONT_FAKE_MONOTONIC=1", "DONT_FAKE_MONOTONIC=1"];
        return StartAsync(new DaemonProcess(folder, false, before, args));
    }

    /// <summary>Whether this user may mount file systems that only its own processes see.</summary>
    public static bool CanMount
    {
        get
        {
            using var process = Process.Start(new ProcessStartInfo("unshare", [.. Unshare, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]) { RedirectStandardError = true });
            process!.WaitForExit();
            return process.ExitCode == 0;
        }
    }

    /// <summary>Starts a daemon that sees, over <paramref name="folder"/>, a file system of its own of so many bytes, after a shell command in it; its data are below.</summary>
    public static Task<DaemonProcess> StartOnSmallDiskAsync(string folder, string size, string prepare, params string[] args) =>
        StartAsync(new DaemonProcess(Path.Combine(folder, "data"), false, OnSmallDisk(folder, size, prepare), args));

    /// <summary>The same for starts that fail.</summary>
    public static Task<(int Code, string Error)> RunToEndOnSmallDiskAsync(string folder, string size, string prepare) =>
        RunToEndAsync(Start(OnSmallDisk(folder, size, prepare), ["--data-dir", Path.Combine(folder, "data"), "--http", "127.0.0.1:0", "--ingest", "127.0.0.1:0"], []));

    private static string[] OnSmallDisk(string folder, string size, string prepare) =>
        ["unshare", .. Unshare, "sh", "-ec", $"mount -t tmpfs -o size={size} tmpfs \"$0\"; cd \"$0\"; {prepare}; exec \"$@\"", folder];

    private static string[] Unshare => Environment.IsPrivilegedProcess ? ["--mount"] : ["--user", "--map-root-user", "--mount"];

    private static async Task<DaemonProcess> StartAsync(DaemonProcess daemon)
    {
        try
        {
            await daemon.WaitUntilReadyAsync();
            return daemon;
        }
        catch
        {
            await daemon.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs the daemon to its end; for starts that fail.</summary>
    public static Task<(int Code, string Error)> RunToEndAsync(string[] args, params (string Key, string Value)[] environment) => RunToEndAsync(Start([], args, environment));

    private static async Task<(int Code, string Error)> RunToEndAsync(Process process)
    {
        using var ended = process;
        using var deadline = new CancellationTokenSource(Patience);
        var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        var error = await process.StandardError.ReadToEndAsync(deadline.Token);
        await output;
        await process.WaitForExitAsync(deadline.Token);
        return (process.ExitCode, error.Trim());
    }

    public async Task<(HttpStatusCode Status, string Body)> GetAsync(string path)
    {
        using var response = await _client.GetAsync($"http://{Http}{path}");
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public async Task<(HttpStatusCode Status, string Body)> PostAsync(string path, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        using var response = await _client.PostAsync($"http://{Http}{path}", content);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public async Task<JsonElement> StatusAsync()
    {
        using var json = JsonDocument.Parse((await GetAsync("/api/v1/status")).Body);
        return json.RootElement.Clone();
    }

    /// <summary>The value of the latest sample of the only series of this name; null when there is none.</summary>
    public async Task<double?> LatestAsync(string name)
    {
        using var json = JsonDocument.Parse((await GetAsync($"/api/v1/latest?name={name}")).Body);
        var series = json.RootElement.GetProperty("series");
        return series.GetArrayLength() == 0 ? null : series[0].GetProperty("value").GetDouble();
    }

    /// <summary>Asks until the answer is as wanted: for what has no ack to wait for.</summary>
    public async Task<JsonElement> StatusWhenAsync(Func<JsonElement, bool> wanted)
    {
        var deadline = Stopwatch.StartNew();
        while (true)
        {
            var status = await StatusAsync();
            if (wanted(status)) return status;
            if (deadline.Elapsed > Patience) throw new TimeoutException($"The status did not become as wanted: {status}");
            await Task.Delay(50);
        }
    }

    /// <summary>Waits for a text in the daemon's log, which is written behind the daemon's back.</summary>
    public async Task WaitForOutputAsync(string text)
    {
        var deadline = Stopwatch.StartNew();
        while (!Output.Contains(text, StringComparison.Ordinal))
        {
            if (deadline.Elapsed > Patience) throw new TimeoutException($"The daemon did not say \"{text}\":\n{Output}");
            await Task.Delay(20);
        }
    }

    public async Task<TcpClient> ConnectAsync()
    {
        var client = new TcpClient { NoDelay = true, ReceiveTimeout = (int)Patience.TotalMilliseconds };
        await client.ConnectAsync(Ingest);
        return client;
    }

    /// <summary>SIGTERM; returns the exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        Signal(_process.Id, 15);
        using var deadline = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(deadline.Token);
        return _process.ExitCode;
    }

    /// <summary>Sends a signal to a process that a test started.</summary>
    public static void Signal(int pid, int signal)
    {
        if (Kill(pid, signal) != 0) throw new InvalidOperationException("kill(2) failed");
    }

    /// <summary>SIGKILL: no good-bye of any kind.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
        _client.Dispose();
        if (_ownsFolder) Directory.Delete(Folder, recursive: true);
    }

    private static Process Start(string[] before, string[] args, (string Key, string Value)[] environment)
    {
        string[] command = [.. before, "dotnet", Path.Combine(AppContext.BaseDirectory, "datalayerd.dll"), .. args];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var (key, value) in environment) start.Environment[key] = value;
        return Process.Start(start) ?? throw new InvalidOperationException("the daemon did not start");
    }

    private async Task WaitUntilReadyAsync()
    {
        var deadline = Stopwatch.StartNew();
        while (deadline.Elapsed < Patience)
        {
            if (_process.HasExited) throw new InvalidOperationException($"The daemon ended with {_process.ExitCode}:\n{Output}");
            if (Output.Contains("Ready after", StringComparison.Ordinal))
            {
                var listens = Output.Split('\n').First(line => line.Contains("HTTP listens on", StringComparison.Ordinal)).Split(' ');
                Http = IPEndPoint.Parse(listens.First(word => word.StartsWith("http://", StringComparison.Ordinal))[7..].TrimEnd(','));
                Ingest = IPEndPoint.Parse(listens[Array.IndexOf(listens, "agents") + 2]);
                return;
            }

            await Task.Delay(20);
        }

        throw new TimeoutException($"The daemon did not become ready:\n{Output}");
    }

    private void Note(string? line)
    {
        if (line is null) return;
        lock (_output) _output.Append(line).Append('\n');
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
