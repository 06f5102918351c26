using ParquetSharp;

namespace DataLayer.Engines.Lake;

/// <summary>
/// The columns of a samples file, in order: metric, series, time, value, scaled, divisor, quality;
/// metric is the first series with the series' name, and with series the order of the rows; value = coalesce(value, scaled / divisor).
/// </summary>
internal static class SampleSchema
{
    public const int Metric = 0;
    public const int Series = 1;
    public const int Time = 2;
    public const int Value = 3;
    public const int Scaled = 4;
    public const int Divisor = 5;
    public const int Quality = 6;

    // Without a time zone, so that DuckDB and pandas give a plain timestamp whatever the session's zone is; it is always UTC.
    private static readonly LogicalType Micros = LogicalType.Timestamp(isAdjustedToUtc: false, TimeUnit.Micros);

    public static Column[] Columns() =>
    [
        new Column<int>("metric"),
        new Column<int>("series"),
        new Column<DateTime>("time", Micros),
        new Column<double?>("value"),
        new Column<long?>("scaled"),
        new Column<double>("divisor"),
        new Column<float>("quality"),
    ];

    // Columns that hardly ever change are plain: zstd makes the same few bytes of them as a dictionary or deltas would, in a third of the time.
    public static WriterProperties Properties(LakeOptions options)
    {
        using var builder = new WriterPropertiesBuilder();
        return builder
            .Compression(Compression.Zstd).CompressionLevel(options.ZstdLevel)
            .CreatedBy("datalayer").Version(ParquetVersion.PARQUET_2_6)
            .EnablePageChecksum()
            .DisableDictionary()
            .Encoding("time", Encoding.DeltaBinaryPacked).Encoding("scaled", Encoding.DeltaBinaryPacked)
            .Encoding("value", Encoding.ByteStreamSplit)
            .DisableStatistics("divisor").DisableStatistics("quality").DisableStatistics("scaled").DisableStatistics("value")
            .Build();
    }
}
