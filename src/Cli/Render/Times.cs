using System.Globalization;

namespace DataLayer.Cli.Render;

/// <summary>Unix microseconds as text, in UTC.</summary>
internal static class Times
{
    /// <summary>RFC 3339, with as many decimals as it takes.</summary>
    public static string Rfc3339(long micros) => At(micros).ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>For eyes: <c>2026-11-23 12:45:00.5</c>.</summary>
    public static string Plain(long micros) => At(micros).ToString("yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture);

    /// <summary>As short as a range of this width allows: dates for days, seconds for minutes.</summary>
    public static string Tick(long micros, long rangeMicros) => At(micros).ToString(
        rangeMicros switch
        {
            > 2 * 86_400_000_000 => "MM-dd HH:mm",
            > 600_000_000 => "HH:mm",
            > 2_000_000 => "HH:mm:ss",
            _ => "HH:mm:ss.fff",
        },
        CultureInfo.InvariantCulture);

    /// <summary>How long ago: <c>3.2 s ago</c>.</summary>
    public static string Ago(long micros, DateTimeOffset now)
    {
        var age = ((now - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond) - micros;
        return age < 0 ? "in " + Numbers.Duration(-age) : age < 1000 ? "now" : Numbers.Duration(age) + " ago";
    }

    public static DateTimeOffset At(long micros) => DateTimeOffset.UnixEpoch.AddTicks(
        Math.Clamp(micros, -62_135_596_800_000_000, 253_402_300_799_999_999) * TimeSpan.TicksPerMicrosecond);
}
