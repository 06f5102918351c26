namespace DataLayer.Engines;

public enum EngineState
{
    Healthy,

    /// <summary>Retrying; data are kept in the log meanwhile.</summary>
    Degraded,

    /// <summary>Needs a person.</summary>
    Failed,
}
