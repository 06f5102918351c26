namespace DataLayer.Engines.Feed;

/// <summary>What the daemon remembers of an engine over restarts, so that it keeps the log for an engine that is away when it starts.</summary>
/// <param name="Position">The engine stood at this LSN or a later one.</param>
public sealed record FeedEntry(FeedState State, long Position);
