using DataLayer.Engines.Events;

namespace DataLayer.Engines.Lake;

/// <summary>What the manifest says of a file of events beside its times.</summary>
/// <param name="MaxVersion">The greatest version of its rows.</param>
/// <param name="Places">Where its events happened; null: none has a place.</param>
public sealed record EventExtent(long MaxVersion, GeoBox? Places);
