namespace DataLayer.Cli;

/// <summary>What a command tells the shell; 64 to 70 as in sysexits.h.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;

    /// <summary>The command worked, and its answer is no: samples were refused, nothing matches, verify found damage.</summary>
    public const int Negative = 1;

    public const int Usage = 64;

    /// <summary>The daemon cannot be reached, or cannot serve now.</summary>
    public const int Unavailable = 69;

    public const int Internal = 70;

    /// <summary>128 + SIGINT, as shells expect it.</summary>
    public const int Interrupted = 130;
}
