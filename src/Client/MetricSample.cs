namespace DataLayer.Client;

/// <summary>One value of one series at one instant: what <see cref="DataLayerClient.StoreAsync(ReadOnlyMemory{MetricSample}, CancellationToken)"/> takes.</summary>
/// <remarks>A value type, so that a caller can reuse one array for all its batches.</remarks>
public readonly record struct MetricSample
{
    // Nullable, so that a sample made without a constructor has the quality 1 too.
    private readonly double? _quality;

    public MetricSample(string name, double value, IReadOnlyDictionary<string, string>? labels = null, DateTimeOffset? time = null)
    {
        Name = name;
        Value = value;
        Labels = labels;
        Time = time;
    }

    /// <summary>1–255 bytes of UTF-8 without control characters.</summary>
    public string Name { get; init; }

    /// <summary>At most 64; an empty value means "no such label". Null: none.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>When it was measured, kept to the microsecond. Null: the time of the call, by the client's clock.</summary>
    public DateTimeOffset? Time { get; init; }

    public double Value { get; init; }

    /// <summary>How far the value can be trusted, in [0, 1]. Default 1.</summary>
    public double QualityScore
    {
        get => _quality ?? 1;
        init => _quality = value;
    }
}
