namespace DataLayer.Query;

/// <summary>How samples, series and cardinality are answered.</summary>
public enum ResultFormat
{
    Json,
    Csv,
}
