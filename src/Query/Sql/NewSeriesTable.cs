using DuckDB.NET.Native;

namespace DataLayer.Query.Sql;

/// <summary>The series that the table of all series does not hold yet: <c>new_series(0)</c>.</summary>
internal sealed class NewSeriesTable(Func<SeriesScan> open)
    : NativeTable("new_series", ("series", DuckDBType.Integer), ("name", DuckDBType.Varchar), ("keys", DuckDBType.List), ("vals", DuckDBType.List))
{
    protected override NativeScan Open(long view) => open();
}
