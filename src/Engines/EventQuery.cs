namespace DataLayer.Engines;

/// <summary>Which events are asked for. All conditions that are given must hold.</summary>
public sealed record EventQuery
{
    /// <summary>Start ≤ time &lt; end, Unix microseconds.</summary>
    public required long StartMicros { get; init; }

    public required long EndMicros { get; init; }

    public string? Type { get; init; }

    public string? Source { get; init; }

    /// <summary>Only events with a place at most so far from here; nearest first. Without it: newest first.</summary>
    public (double Latitude, double Longitude, double MaxMetres)? Near { get; init; }

    /// <summary>Only events with a place in this polygon: its corners in order, the last one joined to the first; edges are great circles. Three at least.</summary>
    public IReadOnlyList<(double Latitude, double Longitude)>? Within { get; init; }

    public int Limit { get; init; } = 1000;
}
