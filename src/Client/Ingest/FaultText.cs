namespace DataLayer.Client.Ingest;

/// <summary>Reads how many samples a fault took from its text, which begins with the number: "3 samples refused, first: …".</summary>
internal static class FaultText
{
    /// <summary>At least 1: there is a fault. A text without a number counts as one.</summary>
    public static long Count(string text)
    {
        long count = 0;
        foreach (var c in text)
        {
            if (!char.IsAsciiDigit(c) || count > 1_000_000_000) break;
            count = (count * 10) + (c - '0');
        }

        return Math.Max(count, 1);
    }
}
