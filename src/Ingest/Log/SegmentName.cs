using System.Globalization;

namespace DataLayer.Ingest.Log;

/// <summary>Names of the files in the log's folder.</summary>
internal static class SegmentName
{
    public const string Suffix = ".seg";
    public const string SpareSuffix = ".spare";
    public const string QuarantineSuffix = ".quarantine";
    private const int Digits = 20;

    public static string Of(long firstLsn) => firstLsn.ToString("D20", CultureInfo.InvariantCulture) + Suffix;

    public static string OfSpare(long number) => number.ToString("D8", CultureInfo.InvariantCulture) + SpareSuffix;

    public static bool TryParse(string name, out long firstLsn)
    {
        firstLsn = 0;
        return name.Length == Digits + Suffix.Length
            && name.EndsWith(Suffix, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(0, Digits), NumberStyles.None, CultureInfo.InvariantCulture, out firstLsn);
    }

    /// <summary>First LSNs of all segments in the folder, ascending.</summary>
    public static List<long> List(ILogStorage storage)
    {
        var found = new List<long>();
        foreach (var name in storage.List())
        {
            if (TryParse(name, out var first)) found.Add(first);
        }

        found.Sort();
        return found;
    }
}
