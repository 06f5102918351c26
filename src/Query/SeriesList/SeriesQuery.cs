using DataLayer.Query.Samples;

namespace DataLayer.Query.SeriesList;

/// <summary>The series that match, with name and labels; or, for cardinality, how many there are and which labels make them.</summary>
public sealed record SeriesQuery
{
    /// <summary>The metric's name; null: any.</summary>
    public string? Name { get; init; }

    public IReadOnlyList<KeyValuePair<string, string>> Labels { get; init; } = [];

    /// <summary>Series in the answer; for cardinality: label names, and 10 values of each.</summary>
    public int Limit { get; init; } = SamplesQuery.DefaultLimit;
}
