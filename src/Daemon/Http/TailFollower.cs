using System.Buffers;
using System.Globalization;
using System.Text.Json;
using DataLayer.Ingest;
using DataLayer.Ingest.Records;
using DataLayer.Ingest.Shards;
using DataLayer.Protocol;
using DataLayer.Query;

namespace DataLayer.Daemon.Http;

/// <summary>
/// What is new in the hot store for one live tail, since it last looked. A sample is shown when it is later than what was shown of its series.
/// Keeps the snapshot of its last look: a generation that was sealed, flushed and dropped meanwhile is read to its end. One per tail.
/// </summary>
internal sealed class TailFollower(IngestPipeline pipeline, string? name, List<KeyValuePair<string, string>> labels, long sinceMicros, int bufferSamples) : IDisposable
{
    /// <summary>Each is looked up four times a second: more is a table, not a tail.</summary>
    private const int MaxSeries = 10_000;

    private readonly Dictionary<int, long> _shown = [];
    private readonly SeriesColumns _columns = new();
    private HotSnapshot? _last;
    private int[] _series = [];
    private int _knownSeries = -1;

    /// <summary>Samples left out because the reader is slower than they come.</summary>
    public long Dropped { get; private set; }

    /// <summary>Finds the series again when there are new ones. Throws <see cref="QueryException"/> when too many match.</summary>
    public void Refresh()
    {
        var count = pipeline.Registry.Count;
        if (count == _knownSeries) return;
        _knownSeries = count;
        _series = pipeline.Registry.Select(name, labels);
        if (_series.Length > MaxSeries) throw new QueryException(QueryErrorKind.TooMuch, $"{_series.Length} series match, a live tail follows at most {MaxSeries}: give a name or labels that match fewer");
    }

    /// <summary>Writes one line or event per new sample; false when there is none. What does not fit the buffer is counted, and told.</summary>
    public bool WriteNew(IBufferWriter<byte> output, bool events)
    {
        Refresh();
        var hot = pipeline.AcquireHot();
        var (written, dropped) = (0, Dropped);
        try
        {
            foreach (var series in _series)
            {
                _columns.Clear();
                var shown = _shown.GetValueOrDefault(series, sinceMicros);
                if (_last is { } last) Read(last, series, shown);
                if (_columns.Count > 0) shown = Math.Max(shown, _columns.Times[_columns.Count - 1]);
                Read(hot, series, shown);
                if (_columns.Count == 0) continue;
                _shown[series] = _columns.Times[_columns.Count - 1];
                written += Write(output, series, bufferSamples - written, events);
            }
        }
        finally
        {
            _last?.Dispose();
            _last = hot;
        }

        if (Dropped > dropped) WriteLine(output, events, json => json.WriteNumber("dropped", Dropped - dropped));
        return written > 0 || Dropped > dropped;
    }

    public void Dispose() => _last?.Dispose();

    private void Read(HotSnapshot hot, int series, long after) => hot.Read(series, after + 1, long.MaxValue, _columns);

    private int Write(IBufferWriter<byte> output, int series, int room, bool events)
    {
        var count = Math.Min(_columns.Count, Math.Max(room, 0));
        Dropped += _columns.Count - count;
        for (var at = _columns.Count - count; at < _columns.Count; at++)
        {
            var (time, value) = (_columns.Times[at], _columns.Values[at]);
            WriteLine(output, events, json => WriteSample(json, series, time, value));
        }

        return count;
    }

    private void WriteSample(Utf8JsonWriter json, int series, long time, double value)
    {
        var key = new SeriesKeyReader(pipeline.Registry.KeyOf(series));
        json.WriteString("name", key.Name);
        json.WriteStartObject("labels");
        while (key.TryNext(out var label, out var text)) json.WriteString(label, text);
        json.WriteEndObject();
        json.WritePropertyName("time");
        json.WriteRawValue(string.Create(CultureInfo.InvariantCulture, $"{time / 1_000_000}.{time % 1_000_000:D6}"), skipInputValidation: true);
        if (double.IsFinite(value)) json.WriteNumber("value", value);
        else if (ProtocolLimits.IsStaleMarker(value)) json.WriteNull("value");
        else json.WriteString("value", double.IsNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf");
    }

    private static void WriteLine(IBufferWriter<byte> output, bool events, Action<Utf8JsonWriter> write)
    {
        if (events) output.Write("data: "u8);
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        output.Write(events ? "\n\n"u8 : "\n"u8);
    }
}
