namespace DataLayer.LoadTest;

/// <summary>A process's memory and file handles, looked at ten times a second; the most of both since the last restart. Owned by a run; a timer's thread samples.</summary>
internal sealed class UsageSampler : IDisposable
{
    private readonly Lock _lock = new();
    private readonly ProcessUsage _usage;
    private readonly Timer _timer;

    // Guarded by: _lock.
    private long _residentMost;
    private int _handlesMost;

    public UsageSampler(int pid)
    {
        _usage = new ProcessUsage(pid);
        _timer = new Timer(_ => Sample(), null, 100, 100);
    }

    public long ResidentMost
    {
        get
        {
            lock (_lock) return _residentMost;
        }
    }

    public int HandlesMost
    {
        get
        {
            lock (_lock) return _handlesMost;
        }
    }

    public long ResidentBytes => Sample().Resident;

    public int Handles => Sample().Handles;

    /// <summary>CPU time since the beginning.</summary>
    public double CpuSeconds
    {
        get
        {
            lock (_lock) return _usage.CpuSeconds;
        }
    }

    /// <summary>What it is now.</summary>
    public (long Resident, int Handles) Sample()
    {
        lock (_lock)
        {
            _usage.Sample();
            _residentMost = Math.Max(_residentMost, _usage.LastResidentBytes);
            _handlesMost = Math.Max(_handlesMost, _usage.Handles);
            return (_usage.LastResidentBytes, _usage.Handles);
        }
    }

    /// <summary>What it is now; the most counts from here.</summary>
    public (long Resident, int Handles) Restart()
    {
        lock (_lock) (_residentMost, _handlesMost) = (0, 0);
        return Sample();
    }

    public void Dispose() => _timer.Dispose();
}
