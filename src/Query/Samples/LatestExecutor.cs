using System.Buffers;
using System.Text;
using System.Text.Json;
using DataLayer.Engines;
using DataLayer.Ingest.Records;
using DataLayer.Ingest.Series;
using DataLayer.Ingest.Shards;
using DataLayer.Protocol;
using DataLayer.Query.Answers;

namespace DataLayer.Query.Samples;

/// <summary>
/// The last sample of each series. Series that got a sample since the daemon started are answered from memory; the engine is asked only for others.
/// Owned by one query.
/// </summary>
internal sealed class LatestExecutor(ISeriesCatalog catalog, HotSnapshot hot, IEngine engine, AnswerBuffer buffer) : IDisposable
{
    private readonly SeriesColumns _probe = new();
    private IEngineSnapshot? _stored;

    public async Task RunAsync(int[] series, int limit, ResultFormat format, CancellationToken cancellation)
    {
        if (format == ResultFormat.Csv) await CsvAsync(series, limit, cancellation).ConfigureAwait(false);
        else await JsonAsync(series, limit, cancellation).ConfigureAwait(false);
        await buffer.FlushAsync(cancellation).ConfigureAwait(false);
    }

    public void Dispose() => _stored?.Dispose();

    private async Task JsonAsync(int[] series, int limit, CancellationToken cancellation)
    {
        await using var json = new Utf8JsonWriter(buffer, JsonText.Options);
        json.WriteStartObject();
        json.WriteStartArray("series"u8);
        var (rows, isTruncated) = (0, false);
        foreach (var number in series)
        {
            if (!TryLatest(number, out var time, out var value)) continue;
            if (rows++ == limit)
            {
                isTruncated = true;
                break;
            }

            WriteJson(json, number, time, value);
            if (json.BytesPending < 8192) continue;
            json.Flush();
            if (buffer.IsFull) await buffer.FlushAsync(cancellation).ConfigureAwait(false);
        }

        json.WriteEndArray();
        json.WriteBoolean("truncated"u8, isTruncated);
        json.WriteEndObject();
    }

    private void WriteJson(Utf8JsonWriter json, int number, long time, double value)
    {
        json.WriteStartObject();
        JsonText.NameAndLabels(json, catalog.KeyOf(number));
        json.WritePropertyName("time"u8);
        JsonText.UnixSeconds(json, time);
        json.WritePropertyName("value"u8);
        if (StaleMarker.Is(value)) json.WriteNullValue();
        else JsonText.Double(json, value);
        json.WriteEndObject();
    }

    private async Task CsvAsync(int[] series, int limit, CancellationToken cancellation)
    {
        buffer.Write("name,labels,time,value\r\n"u8);
        var rows = 0;
        foreach (var number in series)
        {
            if (!TryLatest(number, out var time, out var value)) continue;
            if (rows++ == limit) break;
            WriteCsv(catalog.KeyOf(number), time, value);
            if (buffer.IsFull) await buffer.FlushAsync(cancellation).ConfigureAwait(false);
        }
    }

    private void WriteCsv(ReadOnlySpan<byte> key, long time, double value)
    {
        CsvText.Field(buffer, Encoding.UTF8.GetString(new SeriesKeyReader(key).Name));
        buffer.Write(","u8);
        CsvText.Field(buffer, CsvSamplesWriter.LabelsAsJson(key));
        buffer.Write(","u8);
        CsvText.Time(buffer, time);
        buffer.Write(","u8);
        if (!StaleMarker.Is(value)) CsvText.Double(buffer, value);
        buffer.Write("\r\n"u8);
    }

    private bool TryLatest(int series, out long time, out double value)
    {
        var isHot = hot.TryLatest(series, out time, out value);
        if (isHot && !MayBeOlderThanStored(series, time)) return true;
        _stored ??= engine.Snapshot(); // After the hot view: what a flush moves meanwhile is seen here.
        if (!_stored.TryLatest(series, out var storedTime, out var storedValue)) return isHot;
        if (!isHot || storedTime > time) (time, value) = (storedTime, storedValue);
        return true;
    }

    /// <summary>Whether all hot samples of the series are late ones, so that the engine may hold a later one.</summary>
    private bool MayBeOlderThanStored(int series, long time)
    {
        if (!hot.MayReplaceStored) return false;
        _probe.Clear();
        hot.Read(series, time, time + 1, _probe);
        return _probe.BaseTime >= time;
    }
}
