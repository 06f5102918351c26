using System.Diagnostics;
using System.Text;
using Xunit;

namespace DataLayer.Daemon.Tests.Faults;

/// <summary>
/// strace on a running daemon: lets system calls fail or take long, as a broken or slow disk does, and writes down what was called. Ends with <see cref="DetachAsync"/>;
/// the daemon goes on.
/// </summary>
internal sealed class SystemCalls : IAsyncDisposable
{
    /// <summary>All that flushes files, and what gives their names away.</summary>
    public const string Flushes = "fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _file = Path.GetTempFileName();
    private readonly StringBuilder _said = new();
    private readonly Process _strace;

    private SystemCalls(int pid, string traced, string fault, string[] paths)
    {
        string[] args = ["-f", "-y", "-s", "512", "-o", _file, "-e", $"trace={traced}", "-e", $"inject={fault}", .. paths.SelectMany(path => new[] { "-P", path }), "-p", $"{pid}"];
        _strace = Process.Start(new ProcessStartInfo("strace", args) { RedirectStandardError = true }) ?? throw new InvalidOperationException("strace did not start");
        _strace.ErrorDataReceived += (_, line) =>
        {
            lock (_said) _said.AppendLine(line.Data);
        };
        _strace.BeginErrorReadLine();
    }

    /// <param name="fault">As of strace's <c>-e inject=</c>: <c>fsync:error=EIO</c>.</param>
    /// <param name="paths">Only calls on these; none: on all.</param>
    public static async Task<SystemCalls> AttachAsync(DaemonProcess daemon, string fault, params string[] paths)
    {
        var calls = new SystemCalls(daemon.Id, Flushes, fault, paths);
        var deadline = Stopwatch.StartNew();
        while (!calls.Said.Contains("attached", StringComparison.Ordinal))
        {
            if (calls.Said.Contains("not permitted", StringComparison.Ordinal)) Assert.Skip("this user may not trace processes");
            Assert.False(calls._strace.HasExited || deadline.Elapsed > Patience, $"strace did not attach: {calls.Said}");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        return calls;
    }

    /// <summary>Lets go of the daemon; returns what it called.</summary>
    public async Task<SyncTrace> DetachAsync()
    {
        if (!_strace.HasExited) DaemonProcess.Signal(_strace.Id, 2);
        using var deadline = new CancellationTokenSource(Patience);
        await _strace.WaitForExitAsync(deadline.Token);
        return new SyncTrace(await File.ReadAllLinesAsync(_file, deadline.Token));
    }

    public async ValueTask DisposeAsync()
    {
        await DetachAsync();
        _strace.Dispose();
        File.Delete(_file);
    }

    private string Said
    {
        get
        {
            lock (_said) return _said.ToString();
        }
    }
}
