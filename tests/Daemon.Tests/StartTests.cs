using System.Net;
using System.Net.Sockets;
using Xunit;

namespace DataLayer.Daemon.Tests;

/// <summary>Starts that fail: one line that says what is wrong, and the exit code that scripts and systemd act on.</summary>
public sealed class StartTests
{
    [Theory]
    [InlineData("Tcp:MaxConnections=0", "DataLayer:Tcp:MaxConnections = \"0\" is out of range (1 to 1000000)")]
    [InlineData("Tcp:MaxConnection=1", "DataLayer:Tcp:MaxConnection is not an option")]
    [InlineData("Lake:FlushInterval=soon", "DataLayer:Lake:FlushInterval = \"soon\" is not a value of this option (1 s to 1 d)")]
    [InlineData("Hot:RingSlots=100", "DataLayer:Hot:RingSlots = 100 is not a power of two: take 128")]
    [InlineData("Http=nowhere", "DataLayer:Http = \"nowhere\" is not a value of this option (address:port)")]
    public async Task Validate_ofABadSetting_names78KeyAndValue(string setting, string expected)
    {
        var (code, error) = await DaemonProcess.RunToEndAsync(["validate", "--set", setting]);
        Assert.Equal(78, code);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_withABadFile_names78FileAndKey()
    {
        var folder = DaemonProcess.NewFolder();
        try
        {
            var file = Path.Combine(folder, "datalayer.json");
            await File.WriteAllTextAsync(file, """{ "DataLayer": { "Udp": { "Enabled": "perhaps" }, "Nonsense": 1 } }""");
            var (code, error) = await DaemonProcess.RunToEndAsync([], ("DATALAYER_CONFIG", file));
            Assert.Equal(78, code);
            Assert.Contains($"{file}: DataLayer:Udp:Enabled = \"perhaps\"", error, StringComparison.Ordinal);
            Assert.Contains($"{file}: DataLayer:Nonsense is not an option", error, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Run_withAnUnknownFlag_is64()
    {
        var (code, error) = await DaemonProcess.RunToEndAsync(["--nope"]);
        Assert.Equal(64, code);
        Assert.Contains("--nope", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_onAFolderInUse_isRefusedAndNamesTheHolder()
    {
        await using var first = await DaemonProcess.StartAsync();
        var (code, error) = await DaemonProcess.RunToEndAsync(["--data-dir", first.Folder, "--http", "127.0.0.1:0", "--ingest", "127.0.0.1:0"]);
        Assert.Equal(70, code);
        Assert.Single(error.Split('\n'));
        Assert.Contains($"in use by another datalayerd (pid {first.Id}", error, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await first.GetAsync("/ready")).Status);
    }

    [Fact]
    public async Task Run_onAPortInUse_isOneLine()
    {
        var folder = DaemonProcess.NewFolder();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        try
        {
            var (code, error) = await DaemonProcess.RunToEndAsync(["--data-dir", folder, "--http", taken.LocalEndpoint.ToString()!, "--ingest", "127.0.0.1:0"]);
            Assert.Equal(70, code);
            Assert.Single(error.Split('\n'));
            Assert.Contains("address already in use", error, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Run_onAFolderThatCannotBeWritten_isOneLine()
    {
        // Nobody can make a folder in /proc, root neither.
        var (code, error) = await DaemonProcess.RunToEndAsync(["--data-dir", "/proc/datalayer", "--http", "127.0.0.1:0", "--ingest", "127.0.0.1:0"]);
        Assert.Equal(70, code);
        Assert.Single(error.Split('\n'));
        Assert.Contains("/proc/datalayer cannot be written", error, StringComparison.Ordinal);
        Assert.Equal(78, (await DaemonProcess.RunToEndAsync(["validate", "--data-dir", "/proc/datalayer"])).Code);
    }
}
