using System.Globalization;
using DataLayer.Protocol;

namespace DataLayer.Cli.Input;

/// <summary>Parts of a sample as people write them.</summary>
internal static class SampleText
{
    /// <summary>A number; true and false are 1 and 0; <c>NaN</c>, <c>+Inf</c>, <c>-Inf</c>; <c>stale</c> ends the series.</summary>
    public static bool TryValue(ReadOnlySpan<char> text, out double value)
    {
        text = text.Trim();
        value = text switch
        {
            "true" => 1,
            "false" => 0,
            "NaN" or "nan" => double.NaN,
            "+Inf" or "Inf" or "Infinity" or "+Infinity" or "inf" => double.PositiveInfinity,
            "-Inf" or "-Infinity" or "-inf" => double.NegativeInfinity,
            "stale" => ProtocolLimits.StaleMarker,
            _ => 0,
        };
        if (text is "true" or "false" or "stale" || !double.IsFinite(value)) return true;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
    }

    public static string NotANumber(string text) => text.Length == 0 ? "no value" : $"the value '{text}' is not a number";

    public static long Micros(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
