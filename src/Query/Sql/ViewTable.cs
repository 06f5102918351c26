using DuckDB.NET.Native;

namespace DataLayer.Query.Sql;

/// <summary>A table over the views of statements that are running.</summary>
internal sealed class ViewTable(
    string name,
    Func<long, SqlView> views,
    Func<SqlView, NativeScan> open,
    Func<SqlView, long> estimateRows,
    params (string Name, DuckDBType Type)[] columns) : NativeTable(name, columns)
{
    protected override long EstimateRows(long view) => estimateRows(views(view));

    protected override NativeScan Open(long view) => open(views(view));
}
