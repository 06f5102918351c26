namespace DataLayer.Ingest.Series;

/// <summary>The outcome of asking the registry for a series.</summary>
public enum SeriesStatus
{
    Found,
    Added,

    /// <summary>The server's limit on series is reached (error 6).</summary>
    OverServerLimit,

    /// <summary>The agent's limit on series is reached (error 6).</summary>
    OverAgentLimit,
}
