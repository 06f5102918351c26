using System.Buffers;
using System.Collections;
using System.Text;
using System.Text.Json;
using DataLayer.Ingest.Series;
using DataLayer.Protocol;

namespace DataLayer.Engines.Redis;

/// <summary>
/// What the engine knows of series by their number in the catalog: the number in the database, the keys of the metric, and whether the server has the labels. Bounded by the catalog:
/// 8 bytes and a bit a series. The writer's thread writes; <see cref="IdOf"/> and <see cref="MetricOf"/> from any thread.
/// </summary>
internal sealed class SeriesNames(ISeriesCatalog catalog, RedisKeys keys)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, MetricKeys> _metrics = [];
    private readonly BitArray _defined = new(1024);
    private long[] _ids = [];

    public long IdOf(int series)
    {
        lock (_lock)
        {
            if (series >= _ids.Length)
            {
                var before = _ids.Length;
                Array.Resize(ref _ids, Math.Max(series + 1, Math.Max(1024, before * 2)));
                Array.Fill(_ids, -1, before, _ids.Length - before);
            }

            if (_ids[series] < 0) _ids[series] = SeriesId.Of(catalog.KeyOf(series));
            return _ids[series];
        }
    }

    public MetricKeys MetricOf(int series)
    {
        var metric = catalog.MetricOf(series);
        lock (_lock)
        {
            if (_metrics.TryGetValue(metric, out var known)) return known;
            var name = new SeriesKeyReader(catalog.KeyOf(metric)).Name;
            return _metrics[metric] = new MetricKeys(keys, Encoding.UTF8.GetString(name), RedisKeys.TagOf(name));
        }
    }

    /// <summary>Whether the server has the labels of a series.</summary>
    public bool IsDefined(int series) => series < _defined.Length && _defined[series];

    public void Define(int series)
    {
        if (series >= _defined.Length) _defined.Length = Math.Max(series + 1, _defined.Length * 2);
        _defined[series] = true;
    }

    /// <summary>The server may have lost them.</summary>
    public void ForgetDefined() => _defined.SetAll(false);

    /// <summary>The labels of a series as a JSON object, in the order of their names.</summary>
    public byte[] LabelsOf(int series)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        var labels = new SeriesKeyReader(catalog.KeyOf(series));
        while (labels.TryNext(out var name, out var value)) json.WriteString(name, value);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
