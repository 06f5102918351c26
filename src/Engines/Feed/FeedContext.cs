using DataLayer.Ingest.Series;

namespace DataLayer.Engines.Feed;

/// <summary>What a feeder works with.</summary>
/// <param name="Letters">Where samples go that the engine does not take.</param>
/// <param name="Lake">A view of all that is stored, for a rebuild; the caller's to dispose.</param>
public sealed record FeedContext(
    ILogSource Log, LogKeeper Keeper, FeedRegister Register, ISeriesCatalog Catalog, DeadLetters Letters, Func<Lake.LakeSnapshot> Lake, TimeProvider Time);
