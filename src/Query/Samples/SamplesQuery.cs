namespace DataLayer.Query.Samples;

/// <summary>Samples of the series that match, raw or in buckets. Start ≤ time &lt; end.</summary>
public sealed record SamplesQuery
{
    public const int DefaultLimit = 10_000;

    /// <summary>The metric's name; null: any.</summary>
    public string? Name { get; init; }

    /// <summary>Labels that must have exactly these values. An empty value means "no such label".</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Labels { get; init; } = [];

    /// <summary>Unix microseconds.</summary>
    public required long StartMicros { get; init; }

    /// <summary>Unix microseconds, exclusive.</summary>
    public required long EndMicros { get; init; }

    /// <summary>Rows of the answer over all series; what is more is cut and the answer says so.</summary>
    public int Limit { get; init; } = DefaultLimit;

    /// <summary>Width of the buckets, aligned to multiples of it since 1970-01-01T00:00:00Z. Null with <see cref="Aggregation"/>: one bucket from start to end.</summary>
    public long? StepMicros { get; init; }

    /// <summary>What to make of a bucket's samples. Null with a step: the average. Null without: raw samples.</summary>
    public Aggregation? Aggregation { get; init; }

    /// <summary>Series with the same values of these labels are answered as one, over all their samples; none: all of them. Null: each for itself. Needs <see cref="Name"/>.</summary>
    public IReadOnlyList<string>? By { get; init; }

    /// <summary>Only so many series (or groups), those with the greatest value, greatest first. Needs an aggregation, and no step.</summary>
    public int? Top { get; init; }

    /// <summary>Only what this engine holds ("lake" or a configured name). Null: everything acked, from wherever it is.</summary>
    public string? Engine { get; init; }
}
