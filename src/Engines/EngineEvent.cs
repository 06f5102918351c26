namespace DataLayer.Engines;

/// <summary>A document that an agent has sent (op 6), as engines store it.</summary>
/// <param name="Id">Unique: the same event written twice is stored once, the later arrival wins.</param>
/// <param name="TimeMicros">Unix microseconds.</param>
/// <param name="Document">A MessagePack map with any values, as it came.</param>
/// <param name="Latitude">Degrees, −90 … 90, from the document's <c>lat</c> or <c>latitude</c>; null where it has none, or no longitude.</param>
/// <param name="Longitude">Degrees, −180 … 180, from <c>lon</c>, <c>lng</c> or <c>longitude</c>.</param>
public sealed record EngineEvent(string Id, string Type, string Source, long TimeMicros, ReadOnlyMemory<byte> Document, double? Latitude, double? Longitude);
