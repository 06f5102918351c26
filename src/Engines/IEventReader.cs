namespace DataLayer.Engines;

/// <summary>An engine that answers questions for events.</summary>
public interface IEventReader
{
    /// <summary>The events that match: nearest first where a place is given, else newest first. Throws <see cref="EngineException"/>.</summary>
    Task<IReadOnlyList<FoundEvent>> QueryEventsAsync(EventQuery query, CancellationToken cancellation);
}
