using System.Buffers;
using System.Text;
using System.Text.Json;
using DataLayer.Protocol;
using DataLayer.Query.Answers;

namespace DataLayer.Query.Samples;

/// <summary>Lines of <c>name,labels,time,value,quality</c>: labels as a JSON object, time as RFC 3339, a stale marker as an empty value.</summary>
internal sealed class CsvSamplesWriter(AnswerBuffer buffer) : SamplesWriter(buffer)
{
    private readonly ArrayBufferWriter<byte> _series = new();

    public override void Begin(SamplesQuery query) => Buffer.Write("name,labels,time,value,quality\r\n"u8);

    public override void BeginSeries(ReadOnlySpan<byte> key)
    {
        _series.ResetWrittenCount();
        CsvText.Field(_series, Encoding.UTF8.GetString(new SeriesKeyReader(key).Name));
        _series.Write(","u8);
        CsvText.Field(_series, LabelsAsJson(key));
        _series.Write(","u8);
    }

    public override void Sample(long timeMicros, double value, float quality)
    {
        Buffer.Write(_series.WrittenSpan);
        CsvText.Time(Buffer, timeMicros);
        Buffer.Write(","u8);
        if (!StaleMarker.Is(value)) CsvText.Double(Buffer, value);
        Buffer.Write(","u8);
        CsvText.Double(Buffer, quality);
        Buffer.Write("\r\n"u8);
    }

    public override void EndSeries()
    {
    }

    /// <summary>CSV has no place to say that it was cut; the HTTP layer's limit parameter is documented with that.</summary>
    public override void End(bool isTruncated)
    {
    }

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
}
