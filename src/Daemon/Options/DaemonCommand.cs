namespace DataLayer.Daemon.Options;

/// <summary>What the daemon was asked to do.</summary>
internal enum DaemonCommand
{
    Run,
    Validate,
    Options,
    Help,
    Version,
}
