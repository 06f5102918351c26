using ParquetSharp;

namespace DataLayer.Engines.Lake;

/// <summary>Reads the columns of one file of events, a row group at a time. Owned by one thread. Throws what <see cref="DamagedFileException.IsSign"/> knows.</summary>
internal sealed class EventFileReader : IDisposable
{
    private readonly ParquetFileReader _file;

    public EventFileReader(string path)
    {
        using var properties = ReaderProperties.GetDefaultReaderProperties();
        properties.EnablePageChecksumVerification();
        _file = new ParquetFileReader(path, properties);
    }

    public int RowGroupCount => _file.FileMetaData.NumRowGroups;

    public string[] ReadTexts(int group, int column) => Read<string>(group, column);

    public double?[] ReadDegrees(int group, int column) => Read<double?>(group, column);

    public byte[][] ReadDocuments(int group) => Read<byte[]>(group, EventSchema.Packed);

    public long[] ReadLongs(int group, int column)
    {
        using var rows = _file.RowGroup(group);
        var values = new long[ParquetStats.RowsOf(rows)];
        using var reader = (ColumnReader<long>)rows.Column(column);
        for (var done = 0; done < values.Length;)
        {
            var read = reader.ReadBatch(values.Length - done, values.AsSpan(done), out _);
            if (read <= 0) throw new FormatException($"the file ends early in column {column}");
            done += (int)read;
        }

        return values;
    }

    /// <summary>All of a row group.</summary>
    public StoredEvent[] ReadGroup(int group)
    {
        var (ids, types, sources, documents) = (ReadTexts(group, EventSchema.Id), ReadTexts(group, EventSchema.Type), ReadTexts(group, EventSchema.Source), ReadDocuments(group));
        var (times, versions) = (ReadLongs(group, EventSchema.Time), ReadLongs(group, EventSchema.Version));
        var (latitudes, longitudes) = (ReadDegrees(group, EventSchema.Latitude), ReadDegrees(group, EventSchema.Longitude));
        var events = new StoredEvent[ids.Length];
        for (var row = 0; row < events.Length; row++)
        {
            events[row] = new StoredEvent(new EngineEvent(ids[row], types[row], sources[row], times[row], documents[row], latitudes[row], longitudes[row]), versions[row]);
        }

        return events;
    }

    private T[] Read<T>(int group, int column)
    {
        using var rows = _file.RowGroup(group);
        var count = ParquetStats.RowsOf(rows);
        using var reader = rows.Column(column).LogicalReader<T>();
        var values = reader.ReadAll(count);
        if (values.Length != count) throw new FormatException($"the file ends early in column {column}");
        if (column is EventSchema.Id or EventSchema.Type or EventSchema.Source or EventSchema.Packed && Array.Exists(values, value => value is null)) throw new FormatException($"column {column} has nulls");
        return values;
    }

    public void Dispose() => _file.Dispose();
}
