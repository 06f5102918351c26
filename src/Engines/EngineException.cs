namespace DataLayer.Engines;

/// <summary>An engine could not do what it was asked: what, where, and what to do. <see cref="IsTransient"/>: a retry may help.</summary>
public class EngineException(string message, bool isTransient, Exception? inner = null) : Exception(message, inner)
{
    public bool IsTransient { get; } = isTransient;
}
