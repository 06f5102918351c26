using System.Globalization;
using System.Text.RegularExpressions;

namespace DataLayer.Client.Ingest;

/// <summary>
/// Takes from a fault's text how many messages it is about and which was the first: the protocol has no fields for them. The daemon ends the text with
/// <c>(message of the batch 3)</c> or <c>(12 times, first in message of the batch 3)</c>; a text without is about the whole batch.
/// </summary>
internal static partial class FaultText
{
    public static (long Count, long First) Read(string text)
    {
        var match = Ending().Match(text);
        if (!match.Success) return (0, 0);
        var first = long.Parse(match.Groups["first"].ValueSpan, CultureInfo.InvariantCulture);
        var count = match.Groups["count"] is { Success: true } times ? long.Parse(times.ValueSpan, CultureInfo.InvariantCulture) : 1;
        return (count, first);
    }

    [GeneratedRegex(@"\((?:(?<count>[0-9]{1,18}) times, first in )?message of the batch (?<first>[0-9]{1,18})\)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Ending();
}
