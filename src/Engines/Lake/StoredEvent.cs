namespace DataLayer.Engines.Lake;

/// <summary>An event as a row of the lake.</summary>
/// <param name="Version">The LSN up to which the flush that brought it went: of two rows with one id the greater wins.</param>
internal sealed record StoredEvent(EngineEvent Event, long Version)
{
    /// <summary>The order of rows in a file.</summary>
    public static IComparer<StoredEvent> ByTime { get; } = Comparer<StoredEvent>.Create((left, right) => left.Event.TimeMicros != right.Event.TimeMicros
        ? left.Event.TimeMicros.CompareTo(right.Event.TimeMicros)
        : string.CompareOrdinal(left.Event.Id, right.Event.Id));
}
