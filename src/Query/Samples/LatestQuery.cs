namespace DataLayer.Query.Samples;

/// <summary>The last sample of each series that matches.</summary>
public sealed record LatestQuery
{
    /// <summary>The metric's name; null: any.</summary>
    public string? Name { get; init; }

    public IReadOnlyList<KeyValuePair<string, string>> Labels { get; init; } = [];

    /// <summary>Series in the answer.</summary>
    public int Limit { get; init; } = SamplesQuery.DefaultLimit;

    /// <summary>As in <see cref="SamplesQuery.Engine"/>.</summary>
    public string? Engine { get; init; }
}
