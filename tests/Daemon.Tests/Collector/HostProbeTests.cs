using DataLayer.Client;
using DataLayer.Daemon.Collector;
using Xunit;

namespace DataLayer.Daemon.Tests.Collector;

public sealed class HostProbeTests : IDisposable
{
    private readonly string _root = DaemonProcess.NewFolder();

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Read_ofKnownFiles_givesSecondsAndBytes()
    {
        Write("stat", "cpu  1 2 3 4\ncpu0 705 0 12 34567 8 0 9 1\nctxt 999\nprocs_running 3\n");
        Write("meminfo", "MemTotal:       16384 kB\nMemAvailable:    1024 kB\nHugePages_Free: 0\n");
        Write("diskstats", "   8       0 sda 10 1 100 5 20 2 200 6 0 1500 11\n   7 0 loop0 1 1 1 1 1 1 1 1 1 1 1\n");
        Write("net/dev", "Inter-| Receive\n face |bytes\n  eth0: 1000 10 1 2 0 0 0 0 2000 20 3 4 0 0 0 0\n");
        Write("loadavg", "0.50 0.25 0.10 1/100 4242\n");
        Write("uptime", "12345.67 9999.00\n");
        Write("self/status", "Name:\tdatalayerd\nVmRSS:\t  2048 kB\nThreads:\t17\n");
        Write("self/stat", "42 (data layer) d) S 1 1 1 0 -1 0 0 0 0 0 250 50 0 0 20\n");
        var probe = new HostProbe(_root, "box");
        var samples = probe.Read(DateTimeOffset.UnixEpoch);

        Assert.Empty(probe.Missing);
        Assert.Equal(7.05, Value(samples, "host_cpu_seconds_total", ("cpu", "0"), ("mode", "user")));
        Assert.Equal(1024 * 1024, Value(samples, "host_memory_bytes", ("kind", "available")));
        Assert.Equal(51_200, Value(samples, "host_disk_read_bytes_total", ("device", "sda")));
        Assert.Equal(1.5, Value(samples, "host_disk_io_seconds_total", ("device", "sda")));
        Assert.Equal(2000, Value(samples, "host_network_bytes_total", ("device", "eth0"), ("direction", "transmit")));
        Assert.Equal(0.5, Value(samples, "host_load1"));
        Assert.Equal(12345.67, Value(samples, "host_uptime_seconds"));
        Assert.Equal(2 << 20, Value(samples, "datalayerd_resident_bytes"));
        Assert.Equal(2.5, Value(samples, "datalayerd_cpu_seconds_total", ("mode", "user")));
        Assert.All(samples, sample => Assert.Equal("box", sample.Labels!["host"]));
        Assert.DoesNotContain(samples, sample => sample.Labels!.Values.Contains("loop0"));
    }

    [Fact]
    public void Read_withoutFiles_namesThemAndGivesNothing()
    {
        var probe = new HostProbe(_root, "box");
        Assert.Empty(probe.Read(DateTimeOffset.UnixEpoch));
        Assert.Contains("stat", probe.Missing);
        Assert.Equal(8, probe.Missing.Count);
    }

    private static double Value(IReadOnlyList<MetricSample> samples, string name, params (string Key, string Value)[] labels) =>
        samples.Single(sample => sample.Name == name && labels.All(label => sample.Labels![label.Key] == label.Value)).Value;

    private void Write(string file, string text)
    {
        var path = Path.Combine(_root, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
