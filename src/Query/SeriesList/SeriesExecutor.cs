using System.Buffers;
using System.Text;
using System.Text.Json;
using DataLayer.Ingest.Series;
using DataLayer.Protocol;
using DataLayer.Query.Answers;
using DataLayer.Query.Samples;

namespace DataLayer.Query.SeriesList;

/// <summary>Writes lists of series, and counts of them. Owned by one query.</summary>
internal sealed class SeriesExecutor(ISeriesCatalog catalog, AnswerBuffer buffer)
{
    private const int TopValues = 10;

    public async Task ListAsync(int[] series, int limit, ResultFormat format, CancellationToken cancellation)
    {
        var count = Math.Min(series.Length, limit);
        if (format == ResultFormat.Csv)
        {
            buffer.Write("series,name,labels\r\n"u8);
            for (var i = 0; i < count; i++)
            {
                CsvRow(series[i], catalog.KeyOf(series[i]));
                if (buffer.IsFull) await buffer.FlushAsync(cancellation).ConfigureAwait(false);
            }
        }
        else
        {
            await ListJsonAsync(series, count, cancellation).ConfigureAwait(false);
        }

        await buffer.FlushAsync(cancellation).ConfigureAwait(false);
    }

    public async Task CardinalityAsync(int[] series, int limit, ResultFormat format, CancellationToken cancellation)
    {
        var cardinality = new Cardinality();
        for (var i = 0; i < series.Length; i++)
        {
            if ((i & 0xFFFF) == 0) cancellation.ThrowIfCancellationRequested();
            cardinality.Add(catalog, series[i]);
        }

        if (format == ResultFormat.Csv) CardinalityCsv(cardinality, limit);
        else CardinalityJson(cardinality, series.Length, limit);
        await buffer.FlushAsync(cancellation).ConfigureAwait(false);
    }

    private async Task ListJsonAsync(int[] series, int count, CancellationToken cancellation)
    {
        await using var json = new Utf8JsonWriter(buffer, JsonText.Options);
        json.WriteStartObject();
        json.WriteStartArray("series"u8);
        for (var i = 0; i < count; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("series"u8, series[i]);
            JsonText.NameAndLabels(json, catalog.KeyOf(series[i]));
            json.WriteEndObject();
            if (json.BytesPending < 8192) continue;
            json.Flush();
            if (buffer.IsFull) await buffer.FlushAsync(cancellation).ConfigureAwait(false);
        }

        json.WriteEndArray();
        json.WriteNumber("total"u8, series.Length);
        json.WriteBoolean("truncated"u8, series.Length > count);
        json.WriteEndObject();
    }

    private void CsvRow(int number, ReadOnlySpan<byte> key)
    {
        CsvText.Int64(buffer, number);
        buffer.Write(","u8);
        CsvText.Field(buffer, Encoding.UTF8.GetString(new SeriesKeyReader(key).Name));
        buffer.Write(","u8);
        CsvText.Field(buffer, CsvSamplesWriter.LabelsAsJson(key));
        buffer.Write("\r\n"u8);
    }

    private void CardinalityJson(Cardinality cardinality, int seriesCount, int limit)
    {
        using var json = new Utf8JsonWriter(buffer, JsonText.Options);
        json.WriteStartObject();
        json.WriteNumber("series"u8, seriesCount);
        json.WriteStartObject("names"u8);
        json.WriteNumber("values"u8, cardinality.Names.ValueCount);
        Top(json, cardinality.Names);
        json.WriteEndObject();
        json.WriteStartArray("labels"u8);
        foreach (var (label, count) in Sorted(cardinality).Take(limit))
        {
            json.WriteStartObject();
            json.WriteString("label"u8, label);
            json.WriteNumber("values"u8, count.ValueCount);
            json.WriteNumber("series"u8, count.SeriesCount);
            Top(json, count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Top(Utf8JsonWriter json, LabelCount count)
    {
        json.WriteStartArray("top"u8);
        foreach (var (value, series) in count.Top(TopValues))
        {
            json.WriteStartObject();
            json.WriteString("value"u8, value);
            json.WriteNumber("series"u8, series);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void CardinalityCsv(Cardinality cardinality, int limit)
    {
        buffer.Write("label,values,series\r\n"u8);
        foreach (var (label, count) in Sorted(cardinality).Take(limit))
        {
            CsvText.Field(buffer, label);
            buffer.Write(","u8);
            CsvText.Int64(buffer, count.ValueCount);
            buffer.Write(","u8);
            CsvText.Int64(buffer, count.SeriesCount);
            buffer.Write("\r\n"u8);
        }
    }

    private static IEnumerable<KeyValuePair<string, LabelCount>> Sorted(Cardinality cardinality) =>
        cardinality.Labels.OrderByDescending(pair => pair.Value.ValueCount).ThenBy(pair => pair.Key, StringComparer.Ordinal);
}
