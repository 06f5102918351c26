namespace DataLayer.Engines;

/// <summary>An engine that keeps events beside samples: the lake, MongoDB.</summary>
public interface IEventStore
{
    /// <summary>Stores events, durably when it returns. Idempotent by their ids; of two with one id the later in the list, or in a later call, wins. Throws <see cref="EngineException"/>.</summary>
    ValueTask AddEventsAsync(IReadOnlyList<EngineEvent> events, CancellationToken cancellation);

    /// <summary>The events that match: nearest first where a place is given, else newest first. Throws <see cref="EngineException"/>.</summary>
    Task<IReadOnlyList<FoundEvent>> QueryEventsAsync(EventQuery query, CancellationToken cancellation);
}
