namespace DataLayer.Query.Sql;

/// <summary>How the rows of a statement are answered.</summary>
public enum SqlFormat
{
    /// <summary><c>application/json</c></summary>
    Json,

    /// <summary><c>text/csv</c>, RFC 4180 with a header line.</summary>
    Csv,

    /// <summary><c>application/vnd.apache.arrow.stream</c></summary>
    Arrow,
}
