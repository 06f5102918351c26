namespace DataLayer.Daemon;

/// <summary>How the daemon ends, after sysexits(3).</summary>
internal static class ExitCodes
{
    public const int Ok = 0;
    public const int Usage = 64;
    public const int Internal = 70;
    public const int Configuration = 78;
}
