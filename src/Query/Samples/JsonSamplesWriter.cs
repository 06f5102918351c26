using System.Buffers;
using System.Text.Json;
using DataLayer.Ingest.Records;
using DataLayer.Query.Answers;

namespace DataLayer.Query.Samples;

/// <summary><c>{"series":[{"name":…,"labels":{…},"samples":[[1763899200.25,1.5],[…,null]]}],"truncated":false}</c>; see docs/http-api.md.</summary>
internal sealed class JsonSamplesWriter : SamplesWriter
{
    // A time, a double, a float, and five characters around them.
    private const int RowBytesMax = TimeFormat.MaxBytes + JsonText.DoubleBytesMax + JsonText.DoubleBytesMax + 5;

    private readonly Utf8JsonWriter _json = new(Stream.Null, JsonText.Options);

    public override ReadOnlySpan<byte> Separator => ","u8;

    public override ReadOnlySpan<byte> SeriesEnd => "]}"u8;

    public override void Begin(IBufferWriter<byte> text) => text.Write("{\"series\":["u8);

    public override void End(IBufferWriter<byte> text, bool isTruncated) => text.Write(isTruncated ? "],\"truncated\":true}"u8 : "],\"truncated\":false}"u8);

    public override void Dispose()
    {
        _json.Dispose();
        base.Dispose();
    }

    protected override void BeginSeries(TextBlock text, ReadOnlySpan<byte> key)
    {
        _json.Reset(text);
        _json.WriteStartObject();
        JsonText.NameAndLabels(_json, key);
        _json.WriteStartArray("samples"u8);
        _json.Flush();
    }

    protected override int WriteRows(TextBlock text, SeriesColumns rows, int next)
    {
        var (times, values, qualities) = (rows.Times, rows.Values, rows.Qualities);
        do
        {
            var row = text.GetSpan(RowBytesMax);
            var length = 0;
            if (next > 0) row[length++] = (byte)',';
            row[length++] = (byte)'[';
            length += TimeFormat.UnixSeconds(times[next], row[length..]);
            row[length++] = (byte)',';
            length += Value(values[next], row[length..]);
            if (qualities is not null && qualities[next] != 1f)
            {
                row[length++] = (byte)',';
                length += JsonText.Float(qualities[next], row[length..]);
            }

            row[length++] = (byte)']';
            text.Advance(length);
            text.EndRow();
            next++;
        }
        while (next < rows.Count && !text.IsFull);
        return next;
    }

    private static int Value(double value, Span<byte> text)
    {
        if (!StaleMarker.Is(value)) return JsonText.Double(value, text);
        "null"u8.CopyTo(text);
        return 4;
    }
}
