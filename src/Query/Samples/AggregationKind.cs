namespace DataLayer.Query.Samples;

/// <summary>What is made of the samples of one bucket.</summary>
public enum AggregationKind
{
    Average,
    Sum,
    Min,
    Max,
    Count,
    First,
    Last,

    /// <summary>Increase per second of a counter, resets handled.</summary>
    Rate,
    Quantile,
}
