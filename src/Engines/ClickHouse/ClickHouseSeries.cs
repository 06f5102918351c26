using System.Buffers;
using DataLayer.Ingest.Series;
using DataLayer.Protocol;

namespace DataLayer.Engines.ClickHouse;

/// <summary>
/// Fills the series table: each series once in the life of the engine, before the first of its samples; the table's merges take out what came twice. Owned by the writer.
/// </summary>
internal sealed class ClickHouseSeries(ClickHouseLink link, string database, ISeriesCatalog catalog, SeriesNumbers numbers)
{
    // About 100 bytes a series: 10 MB.
    private const int RowsMax = 100_000;

    private readonly List<int> _new = [];
    private readonly ArrayBufferWriter<byte> _body = new();
    private ulong[] _known = [];

    /// <summary>What the server holds may be another database now.</summary>
    public void Forget() => Array.Clear(_known);

    /// <summary>A series of the batch: noted, when it is new.</summary>
    public void See(int series)
    {
        if (series >> 6 >= _known.Length) Array.Resize(ref _known, Math.Max(Math.Max(64, (catalog.Count >> 6) + 1), Math.Max((series >> 6) + 1, _known.Length * 2)));
        if ((_known[series >> 6] & (1UL << series)) == 0) _new.Add(series);
    }

    /// <summary>Stores what was noted. After a fault it is not known, and will be noted again.</summary>
    public async Task StoreAsync(IDictionary<string, object> settings, CancellationToken cancellation)
    {
        try
        {
            for (var from = 0; from < _new.Count; from += RowsMax)
            {
                var to = Math.Min(_new.Count, from + RowsMax);
                _body.ResetWrittenCount();
                for (var at = from; at < to; at++) Row(_new[at]);
                await link.InsertAsync($"INSERT INTO {database}.series_raw (series, name, labels) FORMAT RowBinary", _body.WrittenMemory, "store series", settings, cancellation).ConfigureAwait(false);
                for (var at = from; at < to; at++) _known[_new[at] >> 6] |= 1UL << _new[at];
            }
        }
        finally
        {
            _new.Clear();
        }
    }

    // RowBinary: the number little-endian, texts with their length before, the map as a count and pairs.
    private void Row(int series)
    {
        var reader = new SeriesKeyReader(catalog.KeyOf(series));
        BitConverter.TryWriteBytes(_body.GetSpan(8), numbers.Of(series));
        _body.Advance(8);
        Text(reader.Name);
        VarInt(reader.LabelCount);
        while (reader.TryNext(out var name, out var value))
        {
            Text(name);
            Text(value);
        }
    }

    private void Text(ReadOnlySpan<byte> text)
    {
        VarInt(text.Length);
        _body.Write(text);
    }

    private void VarInt(int value)
    {
        var span = _body.GetSpan(5);
        var length = 0;
        for (; value >= 0x80; value >>= 7) span[length++] = (byte)(value | 0x80);
        span[length++] = (byte)value;
        _body.Advance(length);
    }
}
