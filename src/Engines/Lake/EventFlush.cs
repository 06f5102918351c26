using DataLayer.Engines.Events;
using DataLayer.Ingest.Records;

namespace DataLayer.Engines.Lake;

/// <summary>The events of a flush: a file for each of their days, of two with one id the later. Used once, by one thread.</summary>
internal static class EventFlush
{
    public static long Write(LakeContext context, LakeTransaction transaction, IReadOnlyList<ReadOnlyMemory<byte>> sections, long version, CancellationToken cancellation)
    {
        var latest = new Dictionary<string, StoredEvent>(StringComparer.Ordinal);
        foreach (var section in sections)
        {
            cancellation.ThrowIfCancellationRequested();
            var events = new RecordEvents(section.Span);
            while (events.MoveNext())
            {
                var read = EventText.Read(in events, section);
                latest[read.Id] = new StoredEvent(read, version);
            }
        }

        foreach (var day in latest.Values.GroupBy(row => LakeLayout.DayOf(row.Event.TimeMicros)))
        {
            cancellation.ThrowIfCancellationRequested();
            var pending = transaction.Begin(LakeFileKind.Events, day.Key);
            using var writer = new EventFileWriter(pending.Temporary, context.Options);
            foreach (var row in day.Order(StoredEvent.ByTime)) writer.Append(row);
            writer.Close();
            transaction.Finish(pending, writer.RowGroups, events: writer.Extent);
        }

        return latest.Count;
    }
}
