namespace DataLayer.Engines.Feed;

/// <summary>One engine as configured: what it is and how it is fed.</summary>
/// <param name="Fingerprint">All of its configuration in one text, secrets included: two that are equal need no restart of the feed. Never shown.</param>
public sealed record EngineSpec(EngineOptions Engine, FeedOptions Feed, string Fingerprint);
