using System.Buffers;
using System.Collections;
using System.Text;
using System.Text.Json;
using DataLayer.Ingest.Series;
using DataLayer.Protocol;

namespace DataLayer.Engines.Redis;

/// <summary>
/// What the engine knows of series by their number in the catalog: the number in the database, the keys of the metric, and whether the server has the labels. Bounded by the catalog:
/// 16 bytes and a bit a series. The writer's thread writes; <see cref="IdOf"/> and <see cref="MetricOf"/> from any thread.
/// </summary>
internal sealed class SeriesNames(ISeriesCatalog catalog, RedisKeys keys)
{
    private readonly Lock _lock = new();
    private readonly BitArray _defined = new(1024);

    // Read by any thread, replaced when they grow (under _lock): what a reader misses in an old one it makes again.
    private volatile long[] _ids = [];
    private volatile MetricKeys?[] _metrics = [];

    public long IdOf(int series)
    {
        var ids = _ids;
        return series < ids.Length && ids[series] >= 0 ? ids[series] : IdOfSlow(series);
    }

    public MetricKeys MetricOf(int series)
    {
        var metric = catalog.MetricOf(series);
        var metrics = _metrics;
        return metric < metrics.Length && metrics[metric] is { } known ? known : MetricOfSlow(metric);
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

    private long IdOfSlow(int series)
    {
        lock (_lock)
        {
            if (series >= _ids.Length)
            {
                var grown = new long[Math.Max(series + 1, Math.Max(1024, _ids.Length * 2))];
                Array.Fill(grown, -1);
                _ids.CopyTo(grown, 0);
                _ids = grown;
            }

            return _ids[series] = SeriesId.Of(catalog.KeyOf(series));
        }
    }

    private MetricKeys MetricOfSlow(int metric)
    {
        lock (_lock)
        {
            if (metric >= _metrics.Length)
            {
                var grown = new MetricKeys?[Math.Max(metric + 1, Math.Max(1024, _metrics.Length * 2))];
                _metrics.CopyTo(grown, 0);
                _metrics = grown;
            }

            var name = new SeriesKeyReader(catalog.KeyOf(metric)).Name;
            return _metrics[metric] ??= new MetricKeys(keys, Encoding.UTF8.GetString(name), RedisKeys.TagOf(name));
        }
    }
}
