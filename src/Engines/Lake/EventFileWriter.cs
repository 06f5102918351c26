using DataLayer.Engines.Events;
using ParquetSharp;

namespace DataLayer.Engines.Lake;

/// <summary>Writes one file of events, by time and id. Owned by one thread.</summary>
internal sealed class EventFileWriter : IDisposable
{
    /// <summary>A merge holds a row group of each of 16 files, twice (packed and as text): 128 MiB.</summary>
    private const int GroupBytes = 4 << 20;
    private const int GroupRows = 16_384;

    private readonly WriterProperties _properties;
    private readonly ParquetFileWriter _file;
    private readonly List<StoredEvent> _rows = [];
    private readonly List<RowGroupStats> _groups = [];
    private long _bytes;
    private long _maxVersion;
    private GeoBox? _places;

    public EventFileWriter(string path, LakeOptions options)
    {
        _properties = EventSchema.Properties(options);
        _file = new ParquetFileWriter(path, EventSchema.Columns(), _properties);
    }

    public IReadOnlyList<RowGroupStats> RowGroups => _groups;

    public EventExtent Extent => new(_maxVersion, _places);

    public void Append(StoredEvent row)
    {
        _rows.Add(row);
        _bytes += row.Event.Document.Length;
        _maxVersion = Math.Max(_maxVersion, row.Version);
        if (row.Event is { Latitude: { } latitude, Longitude: { } longitude }) _places = GeoBox.Around(_places, latitude, longitude);
        if (_bytes >= GroupBytes || _rows.Count == GroupRows) WriteGroup();
    }

    public void Close()
    {
        if (_rows.Count > 0) WriteGroup();
        _file.Close();
    }

    private void WriteGroup()
    {
        using (var group = _file.AppendRowGroup())
        {
            Write(group, row => row.Event.Id);
            Write(group, row => row.Event.Type);
            Write(group, row => row.Event.Source);
            WriteLongs(group, row => row.Event.TimeMicros);
            WriteLongs(group, row => row.Version);
            Write(group, row => row.Event.Latitude);
            Write(group, row => row.Event.Longitude);
            Write(group, row => System.Text.Encoding.UTF8.GetString(EventJson.ToUtf8(row.Event.Document.Span)));
            Write(group, row => row.Event.Document.ToArray());
        }

        // Events have no series.
        _groups.Add(new RowGroupStats(_rows.Count, 0, 0, -1, -1, _rows[0].Event.TimeMicros, _rows[^1].Event.TimeMicros));
        _rows.Clear();
        _bytes = 0;
    }

    private void Write<T>(RowGroupWriter group, Func<StoredEvent, T> value)
    {
        using var column = group.NextColumn().LogicalWriter<T>();
        column.WriteBatch(_rows.ConvertAll(row => value(row)).ToArray());
    }

    private void WriteLongs(RowGroupWriter group, Func<StoredEvent, long> value)
    {
        using var column = (ColumnWriter<long>)group.NextColumn();
        column.WriteBatch(_rows.ConvertAll(row => value(row)).ToArray());
    }

    public void Dispose()
    {
        _file.Dispose();
        _properties.Dispose();
    }
}
