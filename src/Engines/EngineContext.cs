using DataLayer.Ingest.Series;

namespace DataLayer.Engines;

/// <summary>What a fed engine needs of the daemon.</summary>
/// <param name="Source">Identity of the daemon's log (a GUID in text): positions are kept for each source, as its LSNs mean nothing to another.</param>
/// <param name="Catalog">Names and labels of the series.</param>
public sealed record EngineContext(string Source, ISeriesCatalog Catalog, TimeProvider Time);
