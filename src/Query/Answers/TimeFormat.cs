using System.Buffers.Text;
using System.Globalization;

namespace DataLayer.Query.Answers;

/// <summary>Unix microseconds as text, without allocation.</summary>
internal static class TimeFormat
{
    /// <summary>Enough for each of the formats below.</summary>
    public const int MaxBytes = 40;

    private const long MicrosPerSecond = 1_000_000;
    private static readonly long MaxMicros = (DateTime.MaxValue.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
    private static readonly long MinMicros = -DateTime.UnixEpoch.Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>Seconds with as many decimals as needed: <c>1763899200.25</c>. Returns the bytes written.</summary>
    public static int UnixSeconds(long micros, Span<byte> text)
    {
        var length = 0;
        var magnitude = (ulong)micros;
        if (micros < 0)
        {
            text[length++] = (byte)'-';
            magnitude = unchecked(0UL - magnitude);
        }

        Utf8Formatter.TryFormat(magnitude / MicrosPerSecond, text[length..], out var written);
        length += written;
        var fraction = magnitude % MicrosPerSecond;
        if (fraction == 0) return length;
        text[length++] = (byte)'.';
        Utf8Formatter.TryFormat(fraction, text[length..], out _, new System.Buffers.StandardFormat('D', 6));
        length += 6;
        while (text[length - 1] == (byte)'0') length--;
        return length;
    }

    /// <summary>RFC 3339 in UTC: <c>2025-11-23T12:00:00.25Z</c>. Beyond the years 1–9999: seconds.</summary>
    public static int Rfc3339(long micros, Span<byte> text)
    {
        if (micros < MinMicros || micros > MaxMicros) return UnixSeconds(micros, text);
        var time = new DateTime(DateTime.UnixEpoch.Ticks + (micros * TimeSpan.TicksPerMicrosecond), DateTimeKind.Utc);
        time.TryFormat(text, out var written, "yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);
        return written;
    }
}
