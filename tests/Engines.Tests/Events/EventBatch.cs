using DataLayer.Ingest.Records;
using DataLayer.Protocol;
using Record = DataLayer.Ingest.Records.Record;

namespace DataLayer.Engines.Tests.Events;

/// <summary>A batch of events alone, as a sealed generation gives them out.</summary>
internal sealed class EventBatch(long afterLsn, long endLsn, params EngineEvent[] events) : ISampleSource, IEventSource
{
    private readonly MemorySource _samples = new(afterLsn, endLsn, [], _ => long.MinValue);

    public long AfterLsn => afterLsn;

    public long EndLsn => endLsn;

    public long SampleCount => 0;

    public IReadOnlyList<ReadOnlyMemory<byte>> EventSections { get; } = [.. events.Chunk(2).Select(SectionOf)];

    /// <summary>An event whose document is <c>{"n": n}</c>, with its place if it has one.</summary>
    public static EngineEvent Event(string id, long time, int n = 0, string type = "deploy", string source = "ci", double? latitude = null, double? longitude = null)
    {
        using var writer = new MsgPackWriter();
        writer.WriteMapHeader(latitude is null ? 1 : 3);
        writer.WriteString("n"u8);
        writer.Write(n);
        if (latitude is { } north)
        {
            writer.WriteString("lat"u8);
            writer.Write(north);
            writer.WriteString("lon"u8);
            writer.Write(longitude!.Value);
        }

        return new EngineEvent(id, type, source, time, writer.Written.ToArray(), latitude, longitude);
    }

    public bool TryNext(SeriesColumns columns) => _samples.TryNext(columns);

    public void Reset() => _samples.Reset();

    public IReadOnlyList<ISampleSource> Split(int parts) => [this];

    private static ReadOnlyMemory<byte> SectionOf(EngineEvent[] events)
    {
        var record = new Record(256);
        foreach (var one in events) record.AddEvent(one.TimeMicros, Bytes(one.Id), Bytes(one.Type), Bytes(one.Source), one.Document.Span);
        record.Complete(0, 0, 1);
        var sections = new RecordSections(record.Bytes);
        sections.MoveNext();
        return sections.Events.ToArray();
    }

    private static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);
}
