namespace DataLayer.Engines.ClickHouse;

/// <summary>The columns of a question for rollups, after series and bucket: always the same number; what nobody asked for is 0.</summary>
internal static class RollupQuery
{
    public const int ColumnCount = 10;

    /// <summary>The columns after the count.</summary>
    public static string Of(RollupFields fields)
    {
        string If(RollupFields field, string sql) => fields.HasFlag(field) ? sql : sql.StartsWith("toUnix", StringComparison.Ordinal) ? "toInt64(0)" : "toFloat64(0)";
        return string.Join(", ", [
            If(RollupFields.FirstLast, "toUnixTimestamp64Micro(min(time))"),
            If(RollupFields.FirstLast, "toUnixTimestamp64Micro(max(time))"),
            If(RollupFields.Sum, "sum(value)"),
            If(RollupFields.MinMax, "min(value)"),
            If(RollupFields.MinMax, "max(value)"),
            If(RollupFields.FirstLast, "argMin(value, time)"),
            If(RollupFields.FirstLast, "argMax(value, time)")]);
    }

    public static void Take(FetchedRows rows, NativeReader reader)
    {
        for (var at = 0; at < rows.Numbers.Length; at++) rows.Numbers[at].AddRange(reader.Column<long>(2 + at));
        for (var at = 0; at < rows.Values.Length; at++) rows.Values[at].AddRange(reader.Column<double>(5 + at));
    }

    public static RollupSlice Slice(FetchedRows rows, int from, int to, RollupFields fields)
    {
        T[]? Part<T>(RollupFields field, List<T> column) => fields.HasFlag(field) ? [.. column[from..to]] : null;
        return new RollupSlice(
            new RollupRows
            {
                Starts = [.. rows.Times[from..to]],
                Counts = [.. rows.Numbers[0][from..to]],
                FirstTimes = Part(RollupFields.FirstLast, rows.Numbers[1]),
                LastTimes = Part(RollupFields.FirstLast, rows.Numbers[2]),
                Sums = Part(RollupFields.Sum, rows.Values[0]),
                Mins = Part(RollupFields.MinMax, rows.Values[1]),
                Maxs = Part(RollupFields.MinMax, rows.Values[2]),
                Firsts = Part(RollupFields.FirstLast, rows.Values[3]),
                Lasts = Part(RollupFields.FirstLast, rows.Values[4]),
            },
            0,
            to - from);
    }
}
