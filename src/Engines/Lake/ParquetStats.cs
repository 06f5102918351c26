using ParquetSharp;

namespace DataLayer.Engines.Lake;

/// <summary>Reads a file's footer: the statistics of every row group.</summary>
internal static class ParquetStats
{
    /// <summary>A writer of ours makes row groups of 131,072 rows; a footer that says much more is damaged, and must not decide how much memory is taken.</summary>
    private const int RowsMax = 1 << 20;

    /// <summary>The rows of a row group. Throws <see cref="OverflowException"/> for a number that no writer of ours makes.</summary>
    public static int RowsOf(RowGroupReader group)
    {
        var rows = group.MetaData.NumRows;
        return rows is >= 0 and <= RowsMax ? (int)rows : throw new OverflowException($"a row group of {rows} rows");
    }

    public static RowGroupStats[] Read(ParquetFileReader file, int metricColumn, int seriesColumn, int timeColumn)
    {
        var stats = new RowGroupStats[file.FileMetaData.NumRowGroups];
        for (var index = 0; index < stats.Length; index++)
        {
            using var group = file.RowGroup(index);
            using var series = group.MetaData.GetColumnChunkMetaData(seriesColumn);
            using var metric = group.MetaData.GetColumnChunkMetaData(metricColumn);
            using var time = group.MetaData.GetColumnChunkMetaData(timeColumn);
            using var seriesStats = series.Statistics as Statistics<int>;
            using var metricStats = metric.Statistics as Statistics<int>;
            using var timeStats = time.Statistics as Statistics<long>;
            stats[index] = new RowGroupStats(
                RowsOf(group),
                metricStats is { HasMinMax: true } ? metricStats.Min : 0,
                metricStats is { HasMinMax: true } ? metricStats.Max : int.MaxValue,
                seriesStats is { HasMinMax: true } ? seriesStats.Min : 0,
                seriesStats is { HasMinMax: true } ? seriesStats.Max : int.MaxValue,
                timeStats is { HasMinMax: true } ? timeStats.Min : long.MinValue,
                timeStats is { HasMinMax: true } ? timeStats.Max : long.MaxValue);
        }

        return stats;
    }
}
