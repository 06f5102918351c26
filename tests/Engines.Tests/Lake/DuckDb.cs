using DuckDB.NET.Data;

namespace DataLayer.Engines.Tests.Lake;

/// <summary>Plain DuckDB, nothing of ours.</summary>
internal static class DuckDb
{
    public static List<object?[]> Query(string statements, string query)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        if (statements.Length > 0)
        {
            command.CommandText = statements;
            command.ExecuteNonQuery();
        }

        command.CommandText = query;
        using var reader = command.ExecuteReader();
        var rows = new List<object?[]>();
        while (reader.Read())
        {
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(column => reader.IsDBNull(column) ? null : reader.GetValue(column))]);
        }

        return rows;
    }

    /// <summary>Runs a query for columns series, time in microseconds, value, quality.</summary>
    public static List<Sample> Samples(string statements, string query) =>
        [.. Query(statements, query).Select(row => new Sample((int)row[0]!, (long)row[1]!, (double)row[2]!, (float)row[3]!))];
}
