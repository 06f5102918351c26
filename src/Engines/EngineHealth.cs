namespace DataLayer.Engines;

/// <summary>How an engine is, for status, metrics and logs.</summary>
/// <param name="State">Healthy, Degraded (retrying) or Failed (needs a person).</param>
/// <param name="Detail">One line for people: what is wrong and what to do; empty when healthy.</param>
public sealed record EngineHealth(EngineState State, string Detail)
{
    public static EngineHealth Healthy { get; } = new(EngineState.Healthy, "");
}
