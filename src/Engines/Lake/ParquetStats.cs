using ParquetSharp;

namespace DataLayer.Engines.Lake;

/// <summary>Reads the statistics of every row group from a file's footer.</summary>
internal static class ParquetStats
{
    public static RowGroupStats[] Read(ParquetFileReader file, int seriesColumn, int timeColumn)
    {
        var stats = new RowGroupStats[file.FileMetaData.NumRowGroups];
        for (var index = 0; index < stats.Length; index++)
        {
            using var group = file.RowGroup(index);
            using var series = group.MetaData.GetColumnChunkMetaData(seriesColumn);
            using var time = group.MetaData.GetColumnChunkMetaData(timeColumn);
            using var seriesStats = series.Statistics as Statistics<int>;
            using var timeStats = time.Statistics as Statistics<long>;
            stats[index] = new RowGroupStats(
                LakeDamage.Rows(group),
                seriesStats is { HasMinMax: true } ? seriesStats.Min : 0,
                seriesStats is { HasMinMax: true } ? seriesStats.Max : int.MaxValue,
                timeStats is { HasMinMax: true } ? timeStats.Min : long.MinValue,
                timeStats is { HasMinMax: true } ? timeStats.Max : long.MaxValue);
        }

        return stats;
    }
}
