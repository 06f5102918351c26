namespace DataLayer.Engines.Feed;

/// <summary>An engine no longer stands where it was left: it was emptied, restored or moved by somebody. The run begins anew from where it stands.</summary>
internal sealed class PositionMovedException(string message) : EngineException(message, isTransient: true);
