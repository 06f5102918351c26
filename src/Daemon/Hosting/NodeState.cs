namespace DataLayer.Daemon.Hosting;

/// <summary>How far the daemon is.</summary>
internal enum NodeState
{
    /// <summary>Reads the log: HTTP answers health and status, everything else waits or gets 503.</summary>
    Recovering,

    Ready,

    /// <summary>Finishes what is in flight and takes nothing new.</summary>
    Stopping,

    /// <summary>Could not start; the process ends.</summary>
    Failed,
}
