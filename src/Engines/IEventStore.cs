namespace DataLayer.Engines;

/// <summary>An engine to which events are written apart from samples: MongoDB. The lake is none: its flushes bring them.</summary>
public interface IEventStore : IEventReader
{
    /// <summary>Stores events, durably when it returns. Idempotent by their ids; of two with one id the later in the list, or in a later call, wins. Throws <see cref="EngineException"/>.</summary>
    ValueTask AddEventsAsync(IReadOnlyList<EngineEvent> events, CancellationToken cancellation);
}
