using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace DataLayer.Daemon.Tests;

/// <summary>The scripts that a new user and an operator run first.</summary>
public sealed class ScriptTests : IDisposable
{
    private readonly string _folder = DaemonProcess.NewFolder();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Run_forASecond_showsTheHostsDataAndStopsInGoodOrder()
    {
        var (code, output) = await BashAsync("./run.sh", "--seconds", "1", "--data-dir", _folder, "--http", FreeAddress(), "--ingest", FreeAddress());
        Assert.True(code == 0, output);
        Assert.Contains("host_cpu_seconds_total", output, StringComparison.Ordinal);
        Assert.Contains("received = stored + rejected + dropped + in flight", output, StringComparison.Ordinal);
        Assert.Contains("all samples are in the lake", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_onAFolderThatCannotBeWritten_failsAndSaysWhy()
    {
        var (code, output) = await BashAsync("./run.sh", "--no-build", "--seconds", "1", "--data-dir", "/proc/nowhere");
        Assert.NotEqual(0, code);
        Assert.Contains("/proc/nowhere", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Install_belowARoot_isCompleteRepeatableAndLeavesNothing()
    {
        for (var time = 0; time < 2; time++)
        {
            var (code, output) = await BashAsync("systemd/install.sh", "--root", _folder);
            Assert.True(code == 0, output);
        }

        var (valid, said) = await BashAsync($"{_folder}/usr/lib/datalayer/datalayerd", "validate", "--config", $"{_folder}/etc/datalayer/datalayer.json", "--data-dir", $"{_folder}/data");
        Assert.True(valid == 0, said);
        Directory.Delete($"{_folder}/data", recursive: true);
        await BashAsync("systemd/install.sh", "uninstall", "--root", _folder);
        Assert.Equal([$"{_folder}/etc/datalayer/datalayer.json"], Directory.GetFiles(_folder, "*", SearchOption.AllDirectories));
        await BashAsync("systemd/install.sh", "purge", "--root", _folder);
        Assert.Empty(Directory.GetFiles(_folder, "*", SearchOption.AllDirectories));
    }

    private static string FreeAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener.LocalEndpoint.ToString()!;
    }

    private static async Task<(int Code, string Output)> BashAsync(string program, params string[] args)
    {
        var start = new ProcessStartInfo(program, args) { WorkingDirectory = Repository.Root, RedirectStandardOutput = true, RedirectStandardError = true };
        if (!Path.IsPathRooted(program)) start.FileName = Path.Combine(Repository.Root, program);
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await error);
    }
}
