namespace DataLayer.Query.Sql;

/// <summary>How a column's values come out of DuckDB and go into JSON and CSV.</summary>
internal enum SqlColumnKind
{
    Boolean,

    /// <summary>Any integer that fits in 64 bits with a sign.</summary>
    Integer,

    /// <summary>Greater integers and decimals: digits as text, a number in JSON.</summary>
    Digits,
    Float,
    Double,

    /// <summary>A timestamp as Unix microseconds; written as RFC 3339.</summary>
    Time,
    Text,

    /// <summary>Maps, lists, structs: JSON made by DuckDB.</summary>
    Json,
}
