namespace DataLayer.Engines.Lake;

/// <summary>
/// Up to which time each series has samples in the lake: what a restart needs to tell late samples from new ones. Read from the hour rollups of
/// the newest days; where it cannot be told exactly, the times are too high, never too low.
/// </summary>
internal static class LastTimes
{
    /// <summary>About two seconds of reading: 2 M series for a day.</summary>
    private const long RowsMax = 48_000_000;

    /// <summary>By series number, Unix microseconds; long.MinValue: no sample.</summary>
    public static long[] Read(LakeManifest manifest, long rowsMax = RowsMax)
    {
        var times = new long[Math.Max(manifest.SeriesCount, manifest.Files.Where(file => file.Kind != LakeFileKind.Series).Select(file => file.MaxSeries + 1).DefaultIfEmpty().Max())];
        Array.Fill(times, long.MinValue);
        var read = new HashSet<long>();
        var rows = 0L;
        foreach (var day in manifest.Of(LakeFileKind.RollupHour).GroupBy(file => file.PartitionStart).OrderByDescending(day => day.Key))
        {
            rows += day.Sum(file => file.Rows);
            if (rows > rowsMax) break;
            if (TryFold(day, times)) read.Add(day.Key);
        }

        Raise(times, Floor(manifest, read));
        return times;
    }

    /// <summary>Below this a series may have samples that were not seen: in a day that was not read, or left out of the rollups.</summary>
    private static long Floor(LakeManifest manifest, HashSet<long> read)
    {
        var samples = manifest.Of(LakeFileKind.Samples).ToList();
        var unread = samples.Where(file => !read.Contains(LakeLayout.DayOf(file.PartitionStart)));
        var leftOut = Math.Min(manifest.LeftOutTo, MaxTime(samples));
        return Math.Max(leftOut, MaxTime(unread));
    }

    private static long MaxTime(IEnumerable<LakeFile> files) => files.Select(file => file.MaxTime).DefaultIfEmpty(long.MinValue).Max();

    // A damaged file is told of by the queries that read it and by verify; here it is a day that was not read.
    private static bool TryFold(IEnumerable<LakeFile> day, long[] times)
    {
        try
        {
            foreach (var file in day) Fold(file, times);
            return true;
        }
        catch (Exception error) when (DamagedFileException.IsSign(error) || error is IOException)
        {
            return false;
        }
    }

    private static void Fold(LakeFile file, long[] times)
    {
        using var reader = new RollupRowReader(file.Path, new RollupRowBuffer());
        for (var group = 0; group < reader.RowGroupCount; group++)
        {
            reader.ReadLastTimes(group);
            var rows = reader.Buffer;
            for (var row = 0; row < rows.Count; row++)
            {
                ref var last = ref times[rows.Series[row]];
                last = Math.Max(last, rows.LastTimes[row]);
            }
        }
    }

    private static void Raise(long[] times, long floor)
    {
        for (var series = 0; series < times.Length; series++) times[series] = Math.Max(times[series], floor);
    }
}
