namespace DataLayer.Ingest.Log;

/// <summary>The log cannot be read or written: what, where, and what to do.</summary>
public sealed class LogException(string message, Exception? inner = null) : Exception(message, inner);
