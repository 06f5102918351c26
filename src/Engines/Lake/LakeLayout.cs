using System.Globalization;

namespace DataLayer.Engines.Lake;

/// <summary>The folders and file names of the lake, and which partition a time belongs to. docs/lake.md describes them for people.</summary>
internal static class LakeLayout
{
    public const long MicrosPerMinute = 60_000_000;
    public const long MicrosPerHour = 60 * MicrosPerMinute;
    public const long MicrosPerDay = 24 * MicrosPerHour;
    public const string ManifestName = "manifest.json";
    public const string SamplesFolder = "samples";
    public const string RollupMinuteFolder = "rollup_1m";
    public const string RollupHourFolder = "rollup_1h";
    public const string SeriesFolder = "series";
    public const string EventsFolder = "events";

    // Folders are named by calendar dates, which .NET knows for the years 1 to 9999: times outside share the first or last hour.
    private static readonly long FirstHour = FloorTo(DateTime.MinValue.Ticks - DateTime.UnixEpoch.Ticks, TimeSpan.TicksPerHour) / TimeSpan.TicksPerHour;
    private static readonly long LastHour = (DateTime.MaxValue.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerHour;

    public static IEnumerable<string> Folders => [SamplesFolder, RollupMinuteFolder, RollupHourFolder, SeriesFolder, EventsFolder];

    /// <summary>The start of the hour partition of a time (Unix microseconds).</summary>
    public static long HourOf(long timeMicros) => Math.Clamp(FloorTo(timeMicros, MicrosPerHour) / MicrosPerHour, FirstHour, LastHour) * MicrosPerHour;

    /// <summary>The start of the day partition of a time (Unix microseconds).</summary>
    public static long DayOf(long timeMicros) => FloorTo(HourOf(timeMicros), MicrosPerDay);

    /// <summary>The end of an hour partition; the last one has none.</summary>
    public static long HourEnd(long hourStart) => hourStart == LastHour * MicrosPerHour ? long.MaxValue : hourStart + MicrosPerHour;

    /// <summary>The greatest multiple of <paramref name="width"/> that is not above the time.</summary>
    public static long FloorTo(long timeMicros, long width)
    {
        var remainder = timeMicros % width;
        if (remainder < 0) remainder += width;
        return timeMicros < long.MinValue + remainder ? long.MinValue : timeMicros - remainder;
    }

    /// <summary>The folder of a partition, relative to the lake.</summary>
    public static string FolderOf(LakeFileKind kind, long partitionStart)
    {
        if (kind == LakeFileKind.Series) return SeriesFolder;
        var time = DateTime.UnixEpoch.AddTicks(partitionStart * TimeSpan.TicksPerMicrosecond);
        var date = string.Create(CultureInfo.InvariantCulture, $"date={time:yyyy-MM-dd}");
        return kind switch
        {
            LakeFileKind.Samples => Path.Combine(SamplesFolder, date, string.Create(CultureInfo.InvariantCulture, $"hour={time:HH}")),
            LakeFileKind.RollupMinute => Path.Combine(RollupMinuteFolder, date),
            LakeFileKind.Events => Path.Combine(EventsFolder, date),
            _ => Path.Combine(RollupHourFolder, date),
        };
    }

    /// <summary>
    /// Names sort by rank: where two files of a folder hold the same key, the one with the greater name wins. So a reader without the manifest can tell, too.
    /// </summary>
    public static string NameOf(long rank, long number) => rank == number
        ? string.Create(CultureInfo.InvariantCulture, $"{rank:D10}.parquet")
        : string.Create(CultureInfo.InvariantCulture, $"{rank:D10}-{number:D10}.parquet");

    /// <summary>A name that readers which take a whole folder skip: it starts with a dot and does not end in .parquet.</summary>
    public static string TemporaryOf(string path) => Path.Combine(Path.GetDirectoryName(path)!, "." + Path.GetFileName(path) + ".tmp");
}
