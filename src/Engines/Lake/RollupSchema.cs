using ParquetSharp;

namespace DataLayer.Engines.Lake;

/// <summary>The columns of a rollup file, in order: metric, series, start, count, sum, min, max, first_time, first, last_time, last, sketch, full.</summary>
internal static class RollupSchema
{
    public const int Metric = 0;
    public const int Series = 1;
    public const int Start = 2;
    public const int Count = 3;
    public const int Sum = 4;
    public const int Min = 5;
    public const int Max = 6;
    public const int FirstTime = 7;
    public const int First = 8;
    public const int LastTime = 9;
    public const int Last = 10;
    public const int Sketch = 11;
    public const int Full = 12;

    private static readonly LogicalType Micros = LogicalType.Timestamp(isAdjustedToUtc: false, TimeUnit.Micros);
    private static readonly string[] Whole = ["series", "start", "count", "first_time", "last_time"];
    private static readonly string[] Doubles = ["sum", "min", "max", "first", "last"];

    public static Column[] Columns() =>
    [
        new Column<int>("metric"),
        new Column<int>("series"),
        new Column<DateTime>("start", Micros),
        new Column<long>("count"),
        new Column<double>("sum"),
        new Column<double>("min"),
        new Column<double>("max"),
        new Column<DateTime>("first_time", Micros),
        new Column<double>("first"),
        new Column<DateTime>("last_time", Micros),
        new Column<double>("last"),
        new Column<byte[]>("sketch"),
        new Column<bool>("full"),
    ];

    public static WriterProperties Properties(LakeOptions options)
    {
        using var builder = new WriterPropertiesBuilder();
        builder.Compression(Compression.Zstd).CompressionLevel(options.ZstdLevel)
            .CreatedBy("datalayer").Version(ParquetVersion.PARQUET_2_6)
            .EnablePageChecksum().DisableDictionary().DisableStatistics("sketch");
        foreach (var column in Whole) builder.Encoding(column, Encoding.DeltaBinaryPacked);
        foreach (var column in Doubles) builder.Encoding(column, Encoding.ByteStreamSplit).DisableStatistics(column);
        return builder.Build();
    }
}
