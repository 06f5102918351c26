using System.Globalization;
using System.Text;

namespace DataLayer.Engines.Lake;

/// <summary>
/// SQL for DuckDB that defines the views lake_samples, lake_series, lake_rollup_1m and lake_rollup_1h over the files of a snapshot, which must stay alive meanwhile.
/// </summary>
public static class LakeViews
{
    private const string Columns = "series, time, coalesce(value, scaled / divisor) AS value, quality";

    /// <summary>The statements; files without samples in start ≤ time &lt; end (Unix microseconds) are left out of the samples and rollup views.</summary>
    public static string Sql(LakeSnapshot snapshot, long startMicros = long.MinValue, long endMicros = long.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var files = snapshot.Files.Where(file => file.Kind == LakeFileKind.Series || file.OverlapsTime(startMicros, endMicros)).ToLookup(file => file.Kind);
        var sql = new StringBuilder();
        View(sql, "lake_samples", Samples([.. files[LakeFileKind.Samples]]));
        View(sql, "lake_series", Series([.. files[LakeFileKind.Series]]));
        View(sql, "lake_rollup_1m", Rollup([.. files[LakeFileKind.RollupMinute]]));
        View(sql, "lake_rollup_1h", Rollup([.. files[LakeFileKind.RollupHour]]));
        return sql.ToString();
    }

    /// <summary>
    /// The statement that defines lake_events, each id once; files without events in start ≤ time &lt; end are left out only by DuckDB's own pruning: a later event with the same id may be of any day.
    /// </summary>
    public static string EventsSql(LakeSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var files = snapshot.Files.Where(file => file.Kind == LakeFileKind.Events).ToArray();
        var sql = new StringBuilder();
        View(sql, "lake_events", files.Length == 0
            ? "SELECT NULL::VARCHAR AS id, NULL::VARCHAR AS type, NULL::VARCHAR AS source, NULL::TIMESTAMP AS time, NULL::VARCHAR AS document, NULL::DOUBLE AS latitude, NULL::DOUBLE AS longitude WHERE false"
            : $"""
                SELECT e.id, type, source, time, document, latitude, longitude FROM {Read(files)} e
                JOIN (SELECT id, max(version) AS version FROM {Read(files)} GROUP BY id) last ON last.id = e.id AND last.version = e.version
                """);
        return sql.ToString();
    }

    private static void View(StringBuilder sql, string name, string select) =>
        sql.Append(CultureInfo.InvariantCulture, $"CREATE OR REPLACE TEMP VIEW {name} AS\n{select};\n");

    // Only in an hour with late files can the same sample be twice; there the file with the greater name wins.
    private static string Samples(LakeFile[] files)
    {
        var late = files.Where(file => file.IsLate).Select(file => file.PartitionStart).ToHashSet();
        var parts = files.Where(file => !late.Contains(file.PartitionStart)).ToList() is { Count: > 0 } clean ? [$"SELECT {Columns} FROM {Read(clean)}"] : new List<string>();
        parts.AddRange(late.Order().Select(hour => Mixed([.. files.Where(file => file.PartitionStart == hour)])));
        return parts.Count > 0
            ? string.Join("\nUNION ALL\n", parts)
            : "SELECT NULL::INTEGER AS series, NULL::TIMESTAMP AS time, NULL::DOUBLE AS value, NULL::FLOAT AS quality WHERE false";
    }

    // A late file beats the others: those before it by its name, and those after it hold only later samples of each series. So the others pass but for
    // what a late file has too, and only late files are compared with each other. Memory goes with the late samples. (Not ranked by a window, which costs
    // DuckDB a heap for each key, nor by the file's name, which costs a text for each row.)
    private static string Mixed(LakeFile[] files)
    {
        var late = files.Where(file => file.IsLate).OrderBy(file => file.Path, StringComparer.Ordinal).ToList();
        var onTime = files.Where(file => !file.IsLate).ToList();
        var kept = late.Count == 1
            ? $"SELECT {Columns} FROM {Read(late)}"
            : $"""
                SELECT series, time, arg_max(value, file) AS value, arg_max(quality, file) AS quality
                FROM (SELECT {Columns}, list_position({List(late)}, filename)::INTEGER AS file FROM {Read(late, withName: true)}) GROUP BY series, time
                """;
        return onTime.Count == 0 ? kept : $"SELECT {Columns} FROM {Read(onTime)} ANTI JOIN (SELECT series, time FROM {Read(late)}) USING (series, time)\nUNION ALL {kept}";
    }

    private static string Read(IEnumerable<LakeFile> files, bool withName = false) =>
        $"read_parquet({List(files)}, hive_partitioning = false{(withName ? ", filename = true" : string.Empty)})";

    private static string Series(LakeFile[] files) => files.Length > 0
        ? $"SELECT series, name, labels FROM read_parquet({List(files)}, hive_partitioning = false)"
        : "SELECT NULL::INTEGER AS series, NULL::VARCHAR AS name, NULL::MAP(VARCHAR, VARCHAR) AS labels WHERE false";

    // A full row stands for all of lower rank of its bucket; the partial rows after it add up.
    private static string Rollup(LakeFile[] files) => files.Length > 0
        ? $"""
            SELECT series, start AS time, sum(count)::BIGINT AS count, sum(sum) AS sum, min(min) AS min, max(max) AS max,
              min(first_time) AS first_time, arg_min(first, first_time) AS first, max(last_time) AS last_time, arg_max(last, last_time) AS last
            FROM (
              SELECT *, max(CASE WHEN "full" THEN filename ELSE '' END) OVER (PARTITION BY series, start) AS base
              FROM read_parquet({List(files)}, hive_partitioning = false, filename = true))
            WHERE filename >= base AND count > 0 GROUP BY series, start
            """
        : """
            SELECT NULL::INTEGER AS series, NULL::TIMESTAMP AS time, NULL::BIGINT AS count, NULL::DOUBLE AS sum, NULL::DOUBLE AS min, NULL::DOUBLE AS max,
              NULL::TIMESTAMP AS first_time, NULL::DOUBLE AS first, NULL::TIMESTAMP AS last_time, NULL::DOUBLE AS last WHERE false
            """;

    private static string List(IEnumerable<LakeFile> files) =>
        "[" + string.Join(", ", files.Select(file => "'" + file.Path.Replace("'", "''", StringComparison.Ordinal) + "'")) + "]";
}
