using System.Runtime.InteropServices;
using DataLayer.Ingest.Series;
using DataLayer.Protocol;
using ParquetSharp;
using ParquetSharp.Schema;

namespace DataLayer.Engines.Lake;

/// <summary>Writes one series file: number, name, and labels as a map, by ascending number. Owned by one thread.</summary>
internal static class SeriesFileWriter
{
    private const int RowGroupRows = 16_384;

    /// <summary>Writes the series <paramref name="first"/> ≤ number &lt; <paramref name="end"/>.</summary>
    public static void Write(string path, LakeOptions options, ISeriesCatalog catalog, int first, int end)
    {
        using var builder = new WriterPropertiesBuilder();
        using var properties = builder.Compression(Compression.Zstd).CompressionLevel(options.ZstdLevel)
            .CreatedBy("datalayer").Version(ParquetVersion.PARQUET_2_6).EnablePageChecksum()
            .DisableDictionary("series").Encoding("series", Encoding.DeltaBinaryPacked).Build();
        using var schema = Schema();
        using var file = new ParquetFileWriter(path, schema, properties);
        for (var from = first; from < end; from += RowGroupRows) WriteRowGroup(file, catalog, from, Math.Min(end, from + RowGroupRows));
        file.Close();
    }

    private static GroupNode Schema()
    {
        using var series = new PrimitiveNode("series", Repetition.Required, LogicalType.Int(32, isSigned: true), PhysicalType.Int32);
        using var name = Text("name");
        using var key = Text("key");
        using var value = Text("value");
        using var pair = new GroupNode("key_value", Repetition.Repeated, [key, value]);
        using var map = LogicalType.Map();
        using var labels = new GroupNode("labels", Repetition.Required, [pair], map);
        return new GroupNode("schema", Repetition.Required, [series, name, labels]);
    }

    private static PrimitiveNode Text(string name) => new(name, Repetition.Required, LogicalType.String(), PhysicalType.ByteArray);

    private static unsafe void WriteRowGroup(ParquetFileWriter file, ISeriesCatalog catalog, int first, int end)
    {
        var bytes = new List<byte>();
        for (var series = first; series < end; series++) bytes.AddRange(catalog.KeyOf(series));
        var numbers = new int[end - first];
        var names = new ByteArray[end - first];
        var (keys, values, present, repeated) = (new List<ByteArray>(), new List<ByteArray>(), new List<short>(), new List<short>());
        fixed (byte* arena = CollectionsMarshal.AsSpan(bytes))
        {
            var at = arena;
            for (var series = first; series < end; series++)
            {
                var keyBytes = catalog.KeyOf(series).Length;
                var reader = new SeriesKeyReader(new ReadOnlySpan<byte>(at, keyBytes));
                numbers[series - first] = series;
                names[series - first] = Pointer(reader.Name);
                var labels = 0;
                for (; reader.TryNext(out var label, out var value); labels++)
                {
                    keys.Add(Pointer(label));
                    values.Add(Pointer(value));
                    present.Add(1);
                    repeated.Add(labels == 0 ? (short)0 : (short)1);
                }

                if (labels == 0)
                {
                    present.Add(0);
                    repeated.Add(0);
                }

                at += keyBytes;
            }

            using var group = file.AppendRowGroup();
            using (var column = (ColumnWriter<int>)group.NextColumn()) column.WriteBatch(numbers);
            using (var column = (ColumnWriter<ByteArray>)group.NextColumn()) column.WriteBatch(names);
            WriteMap(group, present, repeated, keys);
            WriteMap(group, present, repeated, values);
        }
    }

    private static void WriteMap(RowGroupWriter group, List<short> present, List<short> repeated, List<ByteArray> values)
    {
        using var column = (ColumnWriter<ByteArray>)group.NextColumn();
        column.WriteBatch(present.Count, CollectionsMarshal.AsSpan(present), CollectionsMarshal.AsSpan(repeated), CollectionsMarshal.AsSpan(values));
    }

    // The bytes lie in the pinned arena.
    private static unsafe ByteArray Pointer(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes) return new ByteArray((IntPtr)start, bytes.Length);
    }
}
