namespace DataLayer.Engines;

/// <summary>A view of an engine that holds events too.</summary>
public interface IEventSnapshot
{
    /// <summary>The events of this view that match, in the order of an answer, without those that <paramref name="isReplaced"/> (by the hash of the id, see <see cref="Events.EventText"/>) says are held elsewhere in a later form.</summary>
    IReadOnlyList<FoundEvent> ReadEvents(EventQuery query, Func<UInt128, bool> isReplaced, CancellationToken cancellation);
}
