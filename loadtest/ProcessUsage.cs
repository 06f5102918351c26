using System.Diagnostics;

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

    public void Sample()
    {
        var (cpu, resident) = Read();
        if (resident == 0) return;
        CpuSeconds = (cpu - _startCpu).TotalSeconds;
        LastResidentBytes = resident;
        MaxResidentBytes = Math.Max(MaxResidentBytes, resident);
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
