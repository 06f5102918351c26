namespace DataLayer.Engines;

/// <summary>
/// An engine refuses samples for what they are: a retry of the same ones will not help, the rest of the batch may be good.
/// Nothing of the batch is stored, or what is stored may be stored again. The feeder looks for the offending samples by halves.
/// </summary>
public sealed class RefusedSamplesException(string message, Exception? inner = null) : EngineException(message, isTransient: false, inner);
