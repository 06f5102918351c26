using System.Diagnostics;
using System.Globalization;

namespace DataLayer.LoadTest;

/// <summary>Memory and CPU time of another process, sampled while a run goes on.</summary>
internal sealed class ProcessUsage
{
    private readonly int _pid;
    private readonly TimeSpan _startCpu;

    public ProcessUsage(int pid)
    {
        _pid = pid;
        _startCpu = Read().Cpu;
    }

    public long MaxResidentBytes { get; private set; }

    public long LastResidentBytes { get; private set; }

    public double CpuSeconds { get; private set; }

    /// <summary>Open files and sockets at the last sample.</summary>
    public int Handles { get; private set; }

    public int Threads { get; private set; }

    /// <summary>How many files and sockets this machine lets a process have.</summary>
    public static int HandlesMax
    {
        get
        {
            var line = File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal));
            return int.TryParse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3], CultureInfo.InvariantCulture, out var most) ? most : int.MaxValue;
        }
    }

    public void Sample()
    {
        var (cpu, resident) = Read();
        if (resident == 0) return;
        CpuSeconds = (cpu - _startCpu).TotalSeconds;
        LastResidentBytes = resident;
        Handles = CountFiles($"/proc/{_pid}/fd");
        Threads = CountFiles($"/proc/{_pid}/task");
        MaxResidentBytes = Math.Max(MaxResidentBytes, resident);
    }

    private static int CountFiles(string folder)
    {
        try
        {
            return Directory.GetFileSystemEntries(folder).Length;
        }
        catch (IOException)
        {
            return 0; // The process has ended.
        }
    }

    private (TimeSpan Cpu, long Resident) Read()
    {
        try
        {
            using var process = Process.GetProcessById(_pid);
            return (process.TotalProcessorTime, process.WorkingSet64);
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException)
        {
            return default;
        }
    }
}
