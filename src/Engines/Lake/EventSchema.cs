using ParquetSharp;

namespace DataLayer.Engines.Lake;

/// <summary>The columns of a file of events, in order: id, type, source, time, version, latitude, longitude, document, packed.</summary>
internal static class EventSchema
{
    public const int Id = 0;
    public const int Type = 1;
    public const int Source = 2;
    public const int Time = 3;
    public const int Version = 4;
    public const int Latitude = 5;
    public const int Longitude = 6;
    public const int Document = 7;
    public const int Packed = 8;

    // Without a time zone, as in samples.
    private static readonly LogicalType Micros = LogicalType.Timestamp(isAdjustedToUtc: false, TimeUnit.Micros);

    public static Column[] Columns() =>
    [
        new Column<string>("id"),
        new Column<string>("type"),
        new Column<string>("source"),
        new Column<DateTime>("time", Micros),
        new Column<long>("version"),
        new Column<double?>("latitude"),
        new Column<double?>("longitude"),
        new Column<string>("document"),
        new Column<byte[]>("packed"),
    ];

    public static WriterProperties Properties(LakeOptions options)
    {
        using var builder = new WriterPropertiesBuilder();
        return builder
            .Compression(Compression.Zstd).CompressionLevel(options.ZstdLevel)
            .CreatedBy("datalayer").Version(ParquetVersion.PARQUET_2_6)
            .EnablePageChecksum()
            .DisableDictionary("id").DisableDictionary("time").DisableDictionary("version").DisableDictionary("document").DisableDictionary("packed")
            .Encoding("time", Encoding.DeltaBinaryPacked).Encoding("version", Encoding.DeltaBinaryPacked)
            .DisableStatistics("id").DisableStatistics("document").DisableStatistics("packed")
            .Build();
    }
}
