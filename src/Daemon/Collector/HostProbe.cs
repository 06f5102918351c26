using System.Globalization;
using DataLayer.Client;

namespace DataLayer.Daemon.Collector;

/// <summary>
/// Reads a Linux host's counters from /proc (proc(5)) as samples, named and unit'ed as Prometheus' node_exporter does. One per collector; one thread.
/// A file that is not there (containers hide some) is left out, and named once in <see cref="Missing"/>.
/// </summary>
internal sealed class HostProbe(string root, string host)
{
    /// <summary>USER_HZ: what /proc counts CPU time in on every Linux architecture .NET runs on.</summary>
    private const double TicksPerSecond = 100;

    /// <summary>The unit of /proc/diskstats, whatever the disk's own sectors are.</summary>
    private const double SectorBytes = 512;

    private static readonly string[] CpuModes = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"];

    private readonly Dictionary<string, IReadOnlyDictionary<string, string>> _labels = [];
    private readonly List<MetricSample> _samples = [];
    private readonly HashSet<string> _missing = [];
    private DateTimeOffset _time;

    /// <summary>Files that could not be read so far.</summary>
    public IReadOnlyCollection<string> Missing => _missing;

    /// <summary>All samples of one instant. The list is reused by the next call.</summary>
    public IReadOnlyList<MetricSample> Read(DateTimeOffset time)
    {
        _time = time;
        _samples.Clear();
        ReadStat();
        ReadMemory();
        ReadDisks();
        ReadNetwork();
        ReadLoadAndUptime();
        ReadSelf();
        return _samples;
    }

    private void ReadStat()
    {
        foreach (var line in Lines("stat"))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            switch (fields)
            {
                case ["ctxt", var count]: Add("host_context_switches_total", count); break;
                case ["processes", var count]: Add("host_forks_total", count); break;
                case ["procs_running", var count]: Add("host_processes", count, 1, "state", "running"); break;
                case ["procs_blocked", var count]: Add("host_processes", count, 1, "state", "blocked"); break;
                case [var cpu, ..] when cpu.Length > 3 && cpu.StartsWith("cpu", StringComparison.Ordinal):
                    for (var mode = 0; mode < CpuModes.Length && mode + 1 < fields.Length; mode++)
                    {
                        Add("host_cpu_seconds_total", fields[mode + 1], 1 / TicksPerSecond, "cpu", cpu[3..], "mode", CpuModes[mode]);
                    }

                    break;
            }
        }
    }

    private void ReadMemory()
    {
        foreach (var line in Lines("meminfo"))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0) continue;
            var kind = line[..colon] switch
            {
                "MemTotal" => "total",
                "MemFree" => "free",
                "MemAvailable" => "available",
                "Buffers" => "buffers",
                "Cached" => "cached",
                "Slab" => "slab",
                "Dirty" => "dirty",
                "SwapTotal" => "swap_total",
                "SwapFree" => "swap_free",
                _ => null,
            };
            if (kind is not null) Add("host_memory_bytes", line[(colon + 1)..].Replace("kB", "", StringComparison.Ordinal).Trim(), 1024, "kind", kind);
        }
    }

    private void ReadDisks()
    {
        foreach (var line in Lines("diskstats"))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 14 || fields[2].StartsWith("loop", StringComparison.Ordinal) || fields[2].StartsWith("ram", StringComparison.Ordinal)) continue;
            var device = fields[2];
            Add("host_disk_reads_total", fields[3], 1, "device", device);
            Add("host_disk_read_bytes_total", fields[5], SectorBytes, "device", device);
            Add("host_disk_writes_total", fields[7], 1, "device", device);
            Add("host_disk_written_bytes_total", fields[9], SectorBytes, "device", device);
            Add("host_disk_io_seconds_total", fields[12], 0.001, "device", device);
        }
    }

    private void ReadNetwork()
    {
        foreach (var line in Lines("net/dev"))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0) continue;
            var device = line[..colon].Trim();
            var fields = line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 12) continue;
            AddBothWays("host_network_bytes_total", device, fields[0], fields[8]);
            AddBothWays("host_network_packets_total", device, fields[1], fields[9]);
            AddBothWays("host_network_errors_total", device, fields[2], fields[10]);
            AddBothWays("host_network_drops_total", device, fields[3], fields[11]);
        }
    }

    private void ReadLoadAndUptime()
    {
        if (Lines("loadavg") is [var load, ..] && load.Split(' ') is [var one, var five, var fifteen, ..])
        {
            Add("host_load1", one);
            Add("host_load5", five);
            Add("host_load15", fifteen);
        }

        if (Lines("uptime") is [var uptime, ..]) Add("host_uptime_seconds", uptime.Split(' ')[0]);
    }

    private void ReadSelf()
    {
        foreach (var line in Lines("self/status"))
        {
            if (line.StartsWith("VmRSS:", StringComparison.Ordinal)) Add("datalayerd_resident_bytes", line[6..].Replace("kB", "", StringComparison.Ordinal).Trim(), 1024);
            if (line.StartsWith("Threads:", StringComparison.Ordinal)) Add("datalayerd_threads", line[8..].Trim());
        }

        // The command's name may hold spaces; after its closing bracket field 3 follows, so utime and stime (14, 15) are the 12th and 13th from there.
        if (Lines("self/stat") is not [var stat, ..]) return;
        var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length < 13) return;
        Add("datalayerd_cpu_seconds_total", fields[11], 1 / TicksPerSecond, "mode", "user");
        Add("datalayerd_cpu_seconds_total", fields[12], 1 / TicksPerSecond, "mode", "system");
    }

    private void AddBothWays(string name, string device, string received, string sent)
    {
        Add(name, received, 1, "device", device, "direction", "receive");
        Add(name, sent, 1, "device", device, "direction", "transmit");
    }

    private void Add(string name, string text, double factor = 1, params ReadOnlySpan<string> labels)
    {
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)) return;

        // Ticks and milliseconds are divided rather than multiplied by 0.01: 7/100 is the double that "0.07" means, so that the store can keep it as an integer.
        value = factor < 1 ? value / Math.Round(1 / factor) : value * factor;
        _samples.Add(new MetricSample(name, value, LabelsOf(labels), _time));
    }

    private IReadOnlyDictionary<string, string> LabelsOf(ReadOnlySpan<string> pairs)
    {
        var key = string.Join('\0', pairs!);
        if (_labels.TryGetValue(key, out var known)) return known;
        var labels = new Dictionary<string, string> { ["host"] = host };
        for (var i = 0; i + 1 < pairs.Length; i += 2) labels[pairs[i]] = pairs[i + 1];
        return _labels[key] = labels;
    }

    private string[] Lines(string file)
    {
        try
        {
            return File.ReadAllLines(Path.Combine(root, file));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _missing.Add(file);
            return [];
        }
    }
}
