using System.Buffers;
using System.Globalization;

namespace DataLayer.Cli;

/// <summary>
/// Times as people write them, as the daemon reads them too: RFC 3339 (without an offset: UTC; a date alone: its midnight), Unix seconds with a fraction,
/// <c>now</c>, and relative to now: <c>-1h</c>, <c>-15m30s</c>. Results are Unix microseconds.
/// </summary>
internal static class TimeText
{
    public const string Expected = "a time is RFC 3339 (2026-11-23T12:00:00Z), Unix seconds (1763899200.25), now, or relative (-1h, -15m30s)";

    private const decimal MicrosPerSecond = 1_000_000m;

    // 9999-12-31T23:59:59Z in seconds: what RFC 3339 can say.
    private const decimal MaxSeconds = 253_402_300_799m;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    private static readonly string[] Formats =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd' 'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd' 'HH:mmK", "yyyy-MM-dd",
    ];

    public static bool TryParse(ReadOnlySpan<char> text, DateTimeOffset now, out long micros)
    {
        micros = 0;
        text = text.Trim();
        if (text.StartsWith("now", StringComparison.OrdinalIgnoreCase))
        {
            text = text[3..].Trim();
            if (!text.IsEmpty) return TryRelative(text, now, out micros);
            micros = ToMicros(now);
            return true;
        }

        if (text.IsEmpty) return false;
        if (text[0] is '-' or '+' && char.IsAsciiLetter(text[^1])) return TryRelative(text, now, out micros);
        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds))
        {
            if (Math.Abs(seconds) > MaxSeconds) return false;
            micros = (long)Math.Floor(seconds * MicrosPerSecond);
            return true;
        }

        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (!DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, Utc, out var time)) return false;
        micros = ToMicros(time);
        return true;
    }

    private static bool TryRelative(ReadOnlySpan<char> text, DateTimeOffset now, out long micros)
    {
        micros = 0;
        if (text.Length < 2 || text[0] is not ('-' or '+') || !TryDuration(text[1..], out var distance)) return false;
        micros = ToMicros(now) + (text[0] == '-' ? -distance : distance);
        return true;
    }

    private static bool TryDuration(ReadOnlySpan<char> text, out long micros)
    {
        micros = 0;
        while (!text.IsEmpty)
        {
            var digits = text.IndexOfAnyExcept(Digits);
            if (digits <= 0) return false;
            var letters = text[digits..].IndexOfAny(Digits);
            var unit = letters < 0 ? text[digits..] : text.Slice(digits, letters);
            if (!decimal.TryParse(text[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return false;
            if (UnitSeconds(unit) is not { } seconds || number > MaxSeconds / seconds) return false;
            micros += (long)(number * seconds * MicrosPerSecond);
            if (micros > MaxSeconds * MicrosPerSecond) return false;
            text = text[(digits + unit.Length)..];
        }

        return true;
    }

    private static decimal? UnitSeconds(ReadOnlySpan<char> unit) => unit switch
    {
        "us" => 0.000001m,
        "ms" => 0.001m,
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        "w" => 604_800,
        _ => null,
    };

    private static long ToMicros(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
