namespace DataLayer.Query.Sql;

/// <summary>A column of an answer.</summary>
/// <param name="Type">As DuckDB writes it: <c>BIGINT</c>, <c>MAP(VARCHAR, VARCHAR)</c> …</param>
internal sealed record SqlColumn(string Name, string Type)
{
    public SqlColumnKind Kind { get; } = KindOf(Type);

    /// <summary>The expression that brings column <paramref name="name"/> into one of the few types that <see cref="Kind"/> stands for.</summary>
    public string Projection(string name) => Kind switch
    {
        SqlColumnKind.Integer => $"CAST({name} AS BIGINT)",
        SqlColumnKind.Digits => $"CAST({name} AS VARCHAR)",

        // Infinity is no time that RFC 3339 can write.
        SqlColumnKind.Time => $"CASE WHEN isfinite({name}) THEN epoch_us({name}) END",
        SqlColumnKind.Text when Type != "VARCHAR" => $"CAST({name} AS VARCHAR)",
        SqlColumnKind.Json => $"CAST(to_json({name}) AS VARCHAR)",
        _ => name,
    };

    private static SqlColumnKind KindOf(string type) => type switch
    {
        "BOOLEAN" => SqlColumnKind.Boolean,
        "TINYINT" or "SMALLINT" or "INTEGER" or "BIGINT" or "UTINYINT" or "USMALLINT" or "UINTEGER" => SqlColumnKind.Integer,
        "UBIGINT" or "HUGEINT" or "UHUGEINT" or "BIGNUM" => SqlColumnKind.Digits,
        "FLOAT" => SqlColumnKind.Float,
        "DOUBLE" => SqlColumnKind.Double,
        "TIMESTAMP" or "TIMESTAMP WITH TIME ZONE" or "TIMESTAMP_S" or "TIMESTAMP_MS" => SqlColumnKind.Time,
        "JSON" => SqlColumnKind.Json,
        _ when type.EndsWith(']') => SqlColumnKind.Json,
        _ when type.StartsWith("DECIMAL", StringComparison.Ordinal) => SqlColumnKind.Digits,
        _ when type.StartsWith("MAP(", StringComparison.Ordinal) || type.StartsWith("STRUCT(", StringComparison.Ordinal) || type.StartsWith("UNION(", StringComparison.Ordinal) => SqlColumnKind.Json,
        _ => SqlColumnKind.Text,
    };
}
