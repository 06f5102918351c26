using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using DataLayer.Daemon.Options;
using Xunit;

namespace DataLayer.Daemon.Tests;

/// <summary>The unit files, by systemd's own tools (Debian package systemd).</summary>
public sealed partial class SystemdTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "systemd");

    [Fact]
    public async Task Unit_verified_hasNoFault()
    {
        // Verify wants the program to be there: a copy of the unit that runs /bin/true stands in for an installed daemon.
        var folder = DaemonProcess.NewFolder();
        try
        {
            var unit = (await File.ReadAllTextAsync(Path.Combine(Folder, "datalayerd.service"))).Replace("/usr/lib/datalayer/datalayerd", "/bin/true", StringComparison.Ordinal);
            await File.WriteAllTextAsync(Path.Combine(folder, "datalayerd.service"), unit);
            var (code, output) = await RunAsync("systemd-analyze", "verify", "--man=no", Path.Combine(folder, "datalayerd.service"));
            Assert.True(code == 0 && output.Length == 0, output);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Unit_sandbox_isTight()
    {
        var (_, output) = await RunAsync("systemd-analyze", "security", "--offline=true", "--no-pager", Path.Combine(Folder, "datalayerd.service"));
        var exposure = double.Parse(Exposure().Match(output).Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.True(exposure <= 1.5, output);
    }

    [Fact]
    public void Example_configuration_isValid()
    {
        var options = OptionsLoader.Load(CommandLine.Parse(["--config", Path.Combine(Folder, "datalayer.json")]), new System.Collections.Hashtable()).Options;
        Assert.Equal("/var/lib/datalayer", options.DataDir);
        Assert.True(options.HostCollector);
    }

    [Fact]
    public void Unit_restart_leavesBadConfigurationAlone()
    {
        var unit = File.ReadAllText(Path.Combine(Folder, "datalayerd.service"));
        Assert.Contains($"RestartPreventExitStatus={ExitCodes.Usage} {ExitCodes.Configuration}\n", unit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task InstallScript_isValidBash() => Assert.Equal((0, ""), await RunAsync("bash", "-n", Path.Combine(Folder, "install.sh")));

    private static async Task<(int Code, string Output)> RunAsync(string program, params string[] args)
    {
        var start = new ProcessStartInfo(program, args) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await error);
    }

    [GeneratedRegex(@"exposure level for datalayerd\.service: ([0-9.]+)")]
    private static partial Regex Exposure();
}
