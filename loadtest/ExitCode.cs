namespace DataLayer.LoadTest;

/// <summary>What the process says at its end.</summary>
internal static class ExitCode
{
    public const int Pass = 0;

    /// <summary>The daemon broke a promise: a loss, a duplicate, a count that does not add up, an error.</summary>
    public const int Violation = 1;

    /// <summary>Nothing can be said: no daemon, or this machine could not send at the rate asked for.</summary>
    public const int Inconclusive = 2;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 64;
}
