namespace DataLayer.Client;

/// <summary>Something that happened: a document, with a type, a source and a time. What <see cref="DataLayerClient.StoreEventsAsync"/> takes.</summary>
/// <param name="Type">1–255 bytes of UTF-8 without control characters, as <c>deploy</c>.</param>
/// <param name="Source">Who tells it; may be empty.</param>
/// <param name="Document">
/// Any fields: null, booleans, numbers, texts, byte arrays, <see cref="DateTimeOffset"/>, lists, dictionaries with texts as keys, and <see cref="System.Text.Json.JsonElement"/>.
/// <c>id</c>: what the event is known by; sent again with the same id it replaces the earlier one. Without one the daemon makes it. <c>lat</c> and <c>lon</c>: where it happened, in degrees.
/// </param>
/// <param name="Time">When; null: the time of the call, by the client's clock.</param>
public sealed record AgentEvent(string Type, string Source, IReadOnlyDictionary<string, object?> Document, DateTimeOffset? Time = null);
