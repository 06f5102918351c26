namespace DataLayer.Engines.Postgres;

/// <summary>Unix microseconds as PostgreSQL counts them: from 2000-01-01 on, and between the two infinities, which are the least and the greatest 64-bit number and never a sample's time.</summary>
internal static class PostgresTime
{
    /// <summary>4713-11-24 BC 00:00 UTC: PostgreSQL's Julian day 0.</summary>
    public const long MinUnixMicros = -210_866_803_200_000_000;

    /// <summary>Below 294277-01-01, where PostgreSQL ends, with room for an exclusive end.</summary>
    public const long MaxUnixMicros = long.MaxValue - 1;

    private const long EpochUnixMicros = 946_684_800_000_000;

    public static long Of(long unixMicros) => unixMicros - EpochUnixMicros;

    public static long ToUnix(long micros) => micros + EpochUnixMicros;

    /// <summary>The bound of a range in PostgreSQL's count: what lies outside of its calendar is its end.</summary>
    public static long Clamp(long unixMicros) => Of(Math.Max(unixMicros, MinUnixMicros));
}
