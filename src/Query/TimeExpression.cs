using System.Globalization;

namespace DataLayer.Query;

/// <summary>
/// Points in time and durations as people write them in a query. All results are Unix microseconds or microseconds.
/// Times: RFC 3339 (<c>2025-11-23T12:00:00Z</c>, <c>2025-11-23T13:00:00.5+01:00</c>; without an offset: UTC; a date alone: its midnight),
/// Unix seconds with fraction (<c>1763899200.25</c>), <c>now</c>, and relative to now (<c>-1h</c>, <c>-15m30s</c>, <c>now-7d</c>, <c>+5m</c>).
/// Durations: numbers with units us, ms, s, m, h, d, w one after the other, greatest first or not, or plain seconds.
/// </summary>
public static class TimeExpression
{
    private const long MicrosPerSecond = 1_000_000;

    // 9999-12-31T23:59:59Z in seconds: what RFC 3339 can say, and what DateTime holds.
    private const decimal MaxSeconds = 253_402_300_799m;

    /// <summary>A point in time, Unix microseconds. Throws <see cref="QueryException"/> naming <paramref name="what"/>.</summary>
    public static long Parse(string text, DateTimeOffset now, string what)
    {
        if (TryParse(text, now, out var micros)) return micros;
        throw QueryException.BadRequest(
            $"{what}: '{Shorten(text)}' is not a time; write RFC 3339 (2025-11-23T12:00:00Z), Unix seconds (1763899200.25), now, or a relative time (-1h, -15m30s, -7d)");
    }

    /// <summary>A positive duration in microseconds. Throws <see cref="QueryException"/> naming <paramref name="what"/>.</summary>
    public static long ParseDuration(string text, string what)
    {
        if (TryParseDuration(text, out var micros) && micros > 0) return micros;
        throw QueryException.BadRequest($"{what}: '{Shorten(text)}' is not a positive duration; write 15s, 1m, 1h30m, or seconds (0.5)");
    }

    public static bool TryParse(string text, DateTimeOffset now, out long micros)
    {
        ArgumentNullException.ThrowIfNull(text);
        micros = 0;
        var rest = text.AsSpan().Trim();
        if (rest.IsEmpty) return false;
        if (rest.StartsWith("now", StringComparison.OrdinalIgnoreCase))
        {
            rest = rest[3..].Trim();
            if (!rest.IsEmpty) return rest[0] is '-' or '+' && TryRelative(rest, now, out micros);
            micros = ToMicros(now);
            return true;
        }

        // A leading sign with a unit at the end is a duration from now; without one it is a number of Unix seconds.
        if (rest[0] is '-' or '+' && char.IsAsciiLetter(rest[^1])) return TryRelative(rest, now, out micros);
        if (TrySeconds(rest, out micros)) return true;
        return TryRfc3339(rest, out micros);
    }

    public static bool TryParseDuration(ReadOnlySpan<char> text, out long micros)
    {
        micros = 0;
        var rest = text.Trim();
        if (rest.IsEmpty) return false;
        if (char.IsAsciiDigit(rest[^1]) || rest[^1] == '.') return TrySeconds(rest, out micros);

        while (!rest.IsEmpty)
        {
            var digits = 0;
            while (digits < rest.Length && (char.IsAsciiDigit(rest[digits]) || rest[digits] == '.')) digits++;
            var letters = digits;
            while (letters < rest.Length && char.IsAsciiLetter(rest[letters])) letters++;
            if (digits == 0 || letters == digits) return false;
            if (!decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return false;
            if (UnitMicros(rest[digits..letters]) is not { } unit) return false;
            if (number > MaxSeconds * MicrosPerSecond / unit) return false;
            micros += (long)(number * unit);
            if (micros > MaxSeconds * MicrosPerSecond) return false;
            rest = rest[letters..];
        }

        return true;
    }

    public static long ToMicros(DateTimeOffset time) => (time.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    private static long? UnitMicros(ReadOnlySpan<char> unit) => unit switch
    {
        "us" => 1,
        "ms" => 1000,
        "s" => MicrosPerSecond,
        "m" => 60 * MicrosPerSecond,
        "h" => 3600 * MicrosPerSecond,
        "d" => 86_400 * MicrosPerSecond,
        "w" => 7 * 86_400 * MicrosPerSecond,
        _ => null,
    };

    private static bool TryRelative(ReadOnlySpan<char> text, DateTimeOffset now, out long micros)
    {
        micros = 0;
        var distance = text[1..].TrimStart();
        if (distance.IsEmpty || !char.IsAsciiLetter(distance[^1]) || !TryParseDuration(distance, out var delta)) return false;
        micros = ToMicros(now) + (text[0] == '-' ? -delta : delta);
        return true;
    }

    private static bool TrySeconds(ReadOnlySpan<char> text, out long micros)
    {
        micros = 0;
        const NumberStyles Style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign;
        // decimal keeps every microsecond of a Unix time exactly; double would too, but not every fraction a person writes.
        if (!decimal.TryParse(text, Style, CultureInfo.InvariantCulture, out var seconds)) return false;
        if (Math.Abs(seconds) > MaxSeconds) return false;
        micros = (long)Math.Floor(seconds * MicrosPerSecond);
        return true;
    }

    private static bool TryRfc3339(ReadOnlySpan<char> text, out long micros)
    {
        micros = 0;
        if (text.Length < 10 || text[4] != '-' || text[7] != '-') return false;
        const DateTimeStyles Style = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        foreach (var format in Formats)
        {
            if (!DateTimeOffset.TryParseExact(text, format, CultureInfo.InvariantCulture, Style, out var time)) continue;
            micros = ToMicros(time);
            return true;
        }

        return false;
    }

    private static readonly string[] Formats =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd' 'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd' 'HH:mmK", "yyyy-MM-dd",
    ];

    private static string Shorten(string text) => text.Length <= 60 ? text : string.Concat(text.AsSpan(0, 60), "…");
}
