using System.Globalization;

namespace DataLayer.Cli.Render;

/// <summary>Values and quantities as text. Invariant: no locale.</summary>
internal static class Numbers
{
    private static readonly string[] Decimal = ["", "k", "M", "G", "T", "P", "E"];
    private static readonly string[] Binary = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

    /// <summary>The value exactly: read back, it is the same double.</summary>
    public static string Exact(double value) => double.IsFinite(value)
        ? value.ToString("R", CultureInfo.InvariantCulture)
        : double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";

    /// <summary>Six significant digits, for eyes: 1234567 → 1234567, 0.333333333 → 0.333333.</summary>
    public static string Short(double value)
    {
        if (!double.IsFinite(value)) return Exact(value);
        var size = Math.Abs(value);
        if (size == 0 || (size < 1e15 && value == Math.Floor(value))) return value.ToString("0", CultureInfo.InvariantCulture);
        if (size is < 1e-4 or >= 1e15) return value.ToString("0.#####e+0", CultureInfo.InvariantCulture);
        var decimals = Math.Clamp(5 - (int)Math.Floor(Math.Log10(size)), 0, 9);
        return Math.Round(value, decimals).ToString("0.#########", CultureInfo.InvariantCulture);
    }

    /// <summary>A number of three significant digits with a letter for thousands: 12.3 M. Below 10,000 in full.</summary>
    public static string Human(double value)
    {
        if (!double.IsFinite(value)) return Exact(value);
        var size = Math.Abs(value);
        if (size < 10_000) return size >= 100 ? value.ToString("0", CultureInfo.InvariantCulture) : Three(value);
        var power = 0;
        while (size >= 999.5 && power < Decimal.Length - 1)
        {
            size /= 1000;
            value /= 1000;
            power++;
        }

        return Three(value) + " " + Decimal[power];
    }

    /// <summary>A whole number with its thousands apart: 1,234,567.</summary>
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string Bytes(double bytes)
    {
        var power = 0;
        while (Math.Abs(bytes) >= 1023.5 && power < Binary.Length - 1)
        {
            bytes /= 1024;
            power++;
        }

        return (power == 0 ? bytes.ToString("0", CultureInfo.InvariantCulture) : Three(bytes)) + " " + Binary[power];
    }

    /// <summary>A duration in the unit that suits it: 850 µs, 3.2 ms, 12 s, 4 min, 3.5 h, 12 d.</summary>
    public static string Duration(double micros)
    {
        var size = Math.Abs(micros);
        return size switch
        {
            < 999.5 => micros.ToString("0", CultureInfo.InvariantCulture) + " µs",
            < 999_500 => Three(micros / 1e3) + " ms",
            < 119.5e6 => Three(micros / 1e6) + " s",
            < 119.5 * 60e6 => Three(micros / 60e6) + " min",
            < 47.5 * 3600e6 => Three(micros / 3600e6) + " h",
            _ => Three(micros / 86_400e6) + " d",
        };
    }

    private static string Three(double value)
    {
        var size = Math.Abs(value);
        return value.ToString(size >= 99.95 ? "0" : size >= 9.995 ? "0.#" : "0.##", CultureInfo.InvariantCulture);
    }
}
