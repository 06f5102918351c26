using System.Globalization;
using System.Net;

namespace DataLayer.Daemon.Options;

/// <summary>How option values are written: numbers, sizes with a unit, durations with a unit, addresses, on and off.</summary>
internal static class OptionText
{
    private static readonly (string Unit, long Bytes)[] SizeUnits =
        [("TiB", 1L << 40), ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10), ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000), ("B", 1)];

    private static readonly (string Unit, long Ticks)[] TimeUnits =
        [("ms", TimeSpan.TicksPerMillisecond), ("d", TimeSpan.TicksPerDay), ("h", TimeSpan.TicksPerHour), ("m", TimeSpan.TicksPerMinute), ("s", TimeSpan.TicksPerSecond)];

    /// <summary>Reads a value of one of the types that options have; false when the text is none.</summary>
    public static bool TryParse(Type type, bool isBytes, string text, out object value)
    {
        text = text.Trim();
        value = text;
        if (type == typeof(string)) return true;
        if (type == typeof(bool)) return TryParseSwitch(text, out value);
        if (type == typeof(TimeSpan)) return TryParseDuration(text, out value);
        if (type == typeof(DateTimeOffset)) return Boxed(DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant), instant, out value);
        if (type == typeof(IPEndPoint)) return TryParseEndPoint(text, out value);
        if (type == typeof(double)) return Boxed(double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number), number, out value);
        if (!TryParseCount(text, isBytes, out var count)) return false;
        if (type == typeof(long)) return Boxed(true, count, out value);
        if (type != typeof(int)) throw new NotSupportedException($"Options of type {type.Name} are not known.");
        return Boxed(count is >= int.MinValue and <= int.MaxValue, (int)Math.Clamp(count, int.MinValue, int.MaxValue), out value);
    }

    /// <summary>Writes a value the way <see cref="TryParse"/> reads it, with the largest unit that divides it.</summary>
    public static string Format(object? value, bool isBytes) => value switch
    {
        null => "",
        bool on => on ? "on" : "off",
        TimeSpan duration => FormatDuration(duration),
        DateTimeOffset instant => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        int bytes when isBytes => FormatSize(bytes),
        long bytes when isBytes => FormatSize(bytes),
        string[] list => string.Join(",", list),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private static bool Boxed(bool ok, object member, out object value)
    {
        value = member;
        return ok;
    }

    private static bool TryParseSwitch(string text, out object value)
    {
        var on = text.ToUpperInvariant() is "ON" or "TRUE" or "YES" or "1";
        value = on;
        return on || text.ToUpperInvariant() is "OFF" or "FALSE" or "NO" or "0";
    }

    private static bool TryParseDuration(string text, out object value)
    {
        value = TimeSpan.Zero;
        foreach (var (unit, ticks) in TimeUnits)
        {
            if (!text.EndsWith(unit, StringComparison.Ordinal)) continue;
            if (!decimal.TryParse(text.AsSpan(0, text.Length - unit.Length).Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return false;
            if (number > long.MaxValue / ticks) return false;
            value = TimeSpan.FromTicks((long)(number * ticks));
            return true;
        }

        // A bare number would mean days to TimeSpan and seconds to people: refused, but for 0.
        if (text == "0") return true;
        return text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) && Boxed(true, span, out value);
    }

    private static bool TryParseEndPoint(string text, out object value)
    {
        if (text.StartsWith("localhost:", StringComparison.OrdinalIgnoreCase)) text = "127.0.0.1" + text[9..];
        if (text.StartsWith("*:", StringComparison.Ordinal)) text = "0.0.0.0" + text[1..];
        value = text;

        // Without a port IPEndPoint would take port 0, which is never what was meant; "::1" alone has colons but no port.
        var hasPort = text.LastIndexOf(':') > text.LastIndexOf(']') && (text.StartsWith('[') || text.Count(c => c == ':') == 1);
        return hasPort && IPEndPoint.TryParse(text, out var address) && Boxed(true, address, out value);
    }

    private static bool TryParseCount(string text, bool isBytes, out long count)
    {
        if (isBytes)
        {
            foreach (var (unit, bytes) in SizeUnits)
            {
                if (!text.EndsWith(unit, StringComparison.OrdinalIgnoreCase)) continue;
                count = 0;
                if (!decimal.TryParse(text.AsSpan(0, text.Length - unit.Length).Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return false;
                if (number > long.MaxValue / bytes) return false;
                count = (long)(number * bytes);
                return true;
            }
        }

        return long.TryParse(text.Replace("_", "", StringComparison.Ordinal), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out count);
    }

    private static string FormatSize(long bytes)
    {
        foreach (var (unit, size) in SizeUnits)
        {
            if (unit.Contains('i', StringComparison.Ordinal) && bytes >= size && bytes % size == 0) return $"{bytes / size} {unit}";
        }

        return bytes.ToString(CultureInfo.InvariantCulture);
    }

    private static string FormatDuration(TimeSpan duration)
    {
        foreach (var (unit, ticks) in TimeUnits.OrderByDescending(unit => unit.Ticks))
        {
            if (duration.Ticks >= ticks && duration.Ticks % ticks == 0) return $"{duration.Ticks / ticks} {unit}";
        }

        return duration.Ticks == 0 ? "0" : duration.ToString("c", CultureInfo.InvariantCulture);
    }
}
