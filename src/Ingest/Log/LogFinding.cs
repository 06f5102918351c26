namespace DataLayer.Ingest.Log;

/// <summary>
/// Something in the log that is not as it should be. <paramref name="FirstLsn"/> … <paramref name="LastLsn"/>: the records concerned (both 0: none).
/// <paramref name="IsDamage"/>: acked data are concerned and the daemon refuses to start; else it is worth knowing, no more.
/// </summary>
public sealed record LogFinding(string File, long Offset, long FirstLsn, long LastLsn, string What, bool IsDamage);
