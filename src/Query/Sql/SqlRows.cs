using System.Globalization;
using DuckDB.NET.Data;

namespace DataLayer.Query.Sql;

/// <summary>The rows of a statement, its columns brought into the few types that the writers know. Owned by the worker that runs it.</summary>
internal sealed class SqlRows : IDisposable
{
    private readonly DuckDBCommand _command;
    private readonly DuckDBDataReader _reader;
    private readonly int _rowLimit;
    private int _rows;

    private SqlRows(DuckDBCommand command, DuckDBDataReader reader, IReadOnlyList<SqlColumn> columns, int rowLimit) =>
        (_command, _reader, Columns, _rowLimit) = (command, reader, columns, rowLimit);

    public IReadOnlyList<SqlColumn> Columns { get; }

    /// <summary>Whether there were more rows than the limit. Known at the end.</summary>
    public bool IsTruncated { get; private set; }

    public static SqlRows Open(DuckDBConnection connection, SqlStatement statement, int rowLimit)
    {
        var columns = statement.IsExplain ? [new SqlColumn("explain_key", "VARCHAR"), new SqlColumn("explain_value", "VARCHAR")] : Describe(connection, statement.Text);
        var command = connection.CreateCommand();
        try
        {
            command.CommandText = statement.IsExplain ? statement.Text : Projected(statement.Text, columns, rowLimit);
            command.UseStreamingMode = true;
            return new SqlRows(command, command.ExecuteReader(), columns, rowLimit);
        }
        catch
        {
            command.Dispose();
            throw;
        }
    }

    public bool Read()
    {
        if (!_reader.Read()) return false;
        if (_rows++ < _rowLimit) return true;
        IsTruncated = true;
        return false;
    }

    public bool IsNull(int column) => _reader.IsDBNull(column);

    public bool Boolean(int column) => _reader.GetBoolean(column);

    public long Int64(int column) => _reader.GetInt64(column);

    public float Float(int column) => _reader.GetFloat(column);

    public double Double(int column) => _reader.GetDouble(column);

    public string Text(int column) => _reader.GetString(column);

    public void Dispose()
    {
        _reader.Dispose();
        _command.Dispose();
    }

    private static List<SqlColumn> Describe(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM (\n{sql}\n))";
        using var reader = command.ExecuteReader();
        var columns = new List<SqlColumn>();
        while (reader.Read()) columns.Add(new SqlColumn(reader.GetString(0), reader.GetString(1)));
        return columns;
    }

    /// <summary>One row more than the limit is asked for, to know whether the answer is cut.</summary>
    private static string Projected(string sql, List<SqlColumn> columns, int rowLimit)
    {
        var projection = string.Join(", ", columns.Select((column, i) => column.Projection(string.Create(CultureInfo.InvariantCulture, $"c{i}"))));
        var names = string.Join(", ", columns.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"c{i}")));
        return string.Create(CultureInfo.InvariantCulture, $"SELECT {projection} FROM (\n{sql}\n) AS answer({names}) LIMIT {rowLimit + 1L}");
    }
}
