using System.Buffers;
using System.Text;
using System.Text.Json;
using DataLayer.Ingest.Records;
using DataLayer.Protocol;
using DataLayer.Query.Answers;

namespace DataLayer.Query.Samples;

/// <summary>Lines of <c>name,labels,time,value,quality</c>: labels as a JSON object, time as RFC 3339, a stale marker as an empty value.</summary>
internal sealed class CsvSamplesWriter : SamplesWriter
{
    private readonly ArrayBufferWriter<byte> _series = new();

    public override ReadOnlySpan<byte> Separator => default;

    public override ReadOnlySpan<byte> SeriesEnd => default;

    public static string LabelsAsJson(ReadOnlySpan<byte> key)
    {
        var text = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(text, JsonText.Options);
        json.WriteStartObject();
        var reader = new SeriesKeyReader(key);
        while (reader.TryNext(out var name, out var value)) json.WriteString(name, value);
        json.WriteEndObject();
        json.Flush();
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    public override void Begin(IBufferWriter<byte> text) => text.Write("name,labels,time,value,quality\r\n"u8);

    /// <summary>CSV has no place to say that it was cut; the HTTP layer's limit parameter is documented with that.</summary>
    public override void End(IBufferWriter<byte> text, bool isTruncated)
    {
    }

    protected override void BeginSeries(TextBlock text, ReadOnlySpan<byte> key)
    {
        _series.ResetWrittenCount();
        CsvText.Field(_series, Encoding.UTF8.GetString(new SeriesKeyReader(key).Name));
        _series.Write(","u8);
        CsvText.Field(_series, LabelsAsJson(key));
        _series.Write(","u8);
    }

    protected override int WriteRows(TextBlock text, SeriesColumns rows, int next)
    {
        var (times, values, qualities) = (rows.Times, rows.Values, rows.Qualities);
        do
        {
            text.Write(_series.WrittenSpan);
            CsvText.Time(text, times[next]);
            text.Write(","u8);
            if (!StaleMarker.Is(values[next])) CsvText.Double(text, values[next]);
            text.Write(","u8);
            CsvText.Double(text, qualities is null ? 1f : qualities[next]);
            text.Write("\r\n"u8);
            text.EndRow();
            next++;
        }
        while (next < rows.Count && !text.IsFull);
        return next;
    }
}
