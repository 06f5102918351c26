namespace DataLayer.Engines;

/// <summary>An event of an answer.</summary>
/// <param name="DistanceMetres">From the place of <see cref="EventQuery.Near"/>; null where none was given.</param>
public sealed record FoundEvent(EngineEvent Event, double? DistanceMetres);
