using DataLayer.Engines;
using DataLayer.Engines.Events;
using DataLayer.Ingest.Records;
using DataLayer.Ingest.Shards;

namespace DataLayer.Query.Events;

/// <summary>The events of a hot view, of each id the latest. Owned by one query. Memory: some 40 bytes an event, and those that match.</summary>
internal sealed class HotEventScan
{
    private readonly IReadOnlyList<ReadOnlyMemory<byte>> _sections;

    // By the hash of the id, which event it is in order of arrival.
    private readonly Dictionary<UInt128, long> _latest = [];

    public HotEventScan(HotSnapshot hot, CancellationToken cancellation)
    {
        _sections = hot.EventSections();
        var number = 0L;
        foreach (var section in _sections)
        {
            cancellation.ThrowIfCancellationRequested();
            var events = new RecordEvents(section.Span);
            while (events.MoveNext()) _latest[EventText.HashOf(events.Id)] = number++;
        }
    }

    /// <summary>Whether an event with this id is hot: what an engine holds of it is older.</summary>
    public bool Has(UInt128 id) => _latest.ContainsKey(id);

    /// <summary>The first events of the answer, as many as its limit.</summary>
    public List<FoundEvent> Read(EventQuery query, CancellationToken cancellation)
    {
        var match = new EventMatch(query);
        var best = new PriorityQueue<FoundEvent, EventRank>(EventRank.LastFirst);
        var number = -1L;
        foreach (var section in _sections)
        {
            cancellation.ThrowIfCancellationRequested();
            var events = new RecordEvents(section.Span);
            while (events.MoveNext())
            {
                number++;
                if (!match.MatchesTime(events.TimeMicros) || !match.MatchesTexts(events.Type, events.Source)) continue;
                var hasPlace = EventPlace.TryFind(events.Document, out var latitude, out var longitude);
                if (!match.MatchesPlace(hasPlace ? latitude : null, hasPlace ? longitude : null, out var distance) || _latest[EventText.HashOf(events.Id)] != number) continue;
                var found = new FoundEvent(EventText.Read(in events, section), distance);
                best.Enqueue(found, EventRank.Of(found));
                if (best.Count > query.Limit) best.Dequeue();
            }
        }

        return [.. best.UnorderedItems.Select(item => item.Element)];
    }

    /// <summary>All of them, for SQL.</summary>
    public IEnumerable<EngineEvent> All()
    {
        var number = -1L;
        foreach (var section in _sections)
        {
            foreach (var read in ReadAll(section))
            {
                if (_latest[EventText.HashOf(read.Id)] == ++number) yield return read;
            }
        }
    }

    // A walker cannot live across a yield: a section is read at once.
    private static List<EngineEvent> ReadAll(ReadOnlyMemory<byte> section)
    {
        var read = new List<EngineEvent>();
        var events = new RecordEvents(section.Span);
        while (events.MoveNext()) read.Add(EventText.Read(in events, section));
        return read;
    }
}
