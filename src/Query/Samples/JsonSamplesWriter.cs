using System.Text.Json;
using DataLayer.Query.Answers;

namespace DataLayer.Query.Samples;

/// <summary><c>{"series":[{"name":…,"labels":{…},"samples":[[1763899200.25,1.5],[…,null]]}],"truncated":false}</c>; see docs/http-api.md.</summary>
internal sealed class JsonSamplesWriter(AnswerBuffer buffer) : SamplesWriter(buffer)
{
    private readonly Utf8JsonWriter _json = new(buffer, JsonText.Options);

    public override void Begin(SamplesQuery query)
    {
        _json.WriteStartObject();
        _json.WriteStartArray("series"u8);
    }

    public override void BeginSeries(ReadOnlySpan<byte> key)
    {
        _json.WriteStartObject();
        JsonText.NameAndLabels(_json, key);
        _json.WriteStartArray("samples"u8);
    }

    public override void Sample(long timeMicros, double value, float quality)
    {
        _json.WriteStartArray();
        JsonText.UnixSeconds(_json, timeMicros);
        if (StaleMarker.Is(value)) _json.WriteNullValue();
        else JsonText.Double(_json, value);
        if (quality != 1f) _json.WriteNumberValue(quality);
        _json.WriteEndArray();

        // The writer holds what it has not handed over; the buffer must know when it is full.
        if (_json.BytesPending > 8192) _json.Flush();
    }

    public override void EndSeries()
    {
        _json.WriteEndArray();
        _json.WriteEndObject();
    }

    public override void End(bool isTruncated)
    {
        _json.WriteEndArray();
        _json.WriteBoolean("truncated"u8, isTruncated);
        _json.WriteEndObject();
    }

    public override void Drain() => _json.Flush();

    public override void Dispose()
    {
        _json.Dispose();
        base.Dispose();
    }
}
