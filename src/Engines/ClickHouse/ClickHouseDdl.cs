using System.Globalization;

namespace DataLayer.Engines.ClickHouse;

/// <summary>The statements that make the schema, as docs/engines/clickhouse.md shows it. Each can be run again.</summary>
internal sealed class ClickHouseDdl(ClickHouseSettings settings, TimeSpan? retention)
{
    /// <summary>Stands in schema_version; counts up with each migration.</summary>
    public const int Version = 1;

    // Of an answer from the same server a part need not be merged with that of another month: a sample lies in the month of its time, so its twins do too.
    private const string FinalSettings = "SETTINGS do_not_merge_across_partitions_select_final = 1";

    private readonly string _database = settings.Database;

    /// <summary>The table that holds samples on each server.</summary>
    public string LocalSamples => $"{_database}.{(settings.Cluster is null ? "samples_raw" : "samples_local")}";

    public string Database => $"CREATE DATABASE IF NOT EXISTS {_database}{OnCluster}";

    /// <summary>What the engine makes, without the database.</summary>
    public IReadOnlyList<string> Names => settings.Cluster is null
        ? ["schema_version", "series_raw", "samples_raw", "positions", "series", "samples", "rollup_1m", "rollup_1h"]
        : ["schema_version", "series_raw", "samples_local", "samples_raw", "positions", "series", "samples", "rollup_1m", "rollup_1h"];

    /// <summary>In order: the table with the version comes first, so that a schema half made is known for ours.</summary>
    public IReadOnlyList<string> Statements =>
    [
        Table("schema_version", "version UInt32, at DateTime DEFAULT now()", Engine("MergeTree", "schema_version", isSharded: false), "ORDER BY version"),
        Table(
            "series_raw",
            "series Int64, name LowCardinality(String), labels Map(LowCardinality(String), String)",
            Engine("ReplacingMergeTree", "series_raw", isSharded: false),
            "ORDER BY (name, series)"),
        .. SampleTables(),
        Table(
            "positions",
            "source String, epoch UInt64, position UInt64, at DateTime64(3) DEFAULT now64(3)",
            Engine("ReplacingMergeTree", "positions", isSharded: false, "position"),
            "ORDER BY (source, epoch)"),
        View("series", $"SELECT series, name, labels FROM {_database}.series_raw FINAL"),
        View("samples", Named("time, value, quality", $"SELECT series, time, value, quality FROM {_database}.samples_raw FINAL {FinalSettings}")),
        View("rollup_1m", Rollup("MINUTE")),
        View("rollup_1h", Rollup("HOUR")),
    ];

    /// <summary>Makes the configured retention the table's.</summary>
    public string Retention => retention is null ? $"ALTER TABLE {LocalSamples}{OnCluster} REMOVE TTL" : $"ALTER TABLE {LocalSamples}{OnCluster} MODIFY {Ttl}";

    public static string SecondsOf(TimeSpan? retention) => retention is null ? string.Empty : ((long)retention.Value.TotalSeconds).ToString(CultureInfo.InvariantCulture);

    private string OnCluster => settings.Cluster is null ? string.Empty : $" ON CLUSTER {settings.Cluster}";

    private string Ttl => $"TTL time + toIntervalSecond({SecondsOf(retention)})";

    private string PartitionBy => settings.Partition switch
    {
        "month" => "PARTITION BY toYYYYMM(time) ",
        "day" => "PARTITION BY toYYYYMMDD(time) ",
        _ => string.Empty,
    };

    // The codecs are the best of those measured, see docs/engines/clickhouse.md.
    private IEnumerable<string> SampleTables()
    {
        const string Columns = """
            series Int64 CODEC(ZSTD(1)), time DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)), value Float64 CODEC(Delta(8), ZSTD(1)), quality Float32 DEFAULT 1 CODEC(ZSTD(1)), version UInt64 CODEC(Delta(8), ZSTD(1))
            """;
        var local = settings.Cluster is null ? "samples_raw" : "samples_local";
        var options = (settings.Fsync ? ", fsync_after_insert = 1, fsync_part_directory = 1" : string.Empty) + (IsReplicated ? string.Empty : ", non_replicated_deduplication_window = 100");
        yield return Table(
            local, Columns, Engine("ReplacingMergeTree", local, isSharded: true, "version"), $"{PartitionBy}ORDER BY (series, time){(retention is null ? string.Empty : " " + Ttl)} SETTINGS index_granularity = 8192{options}");
        if (settings.Cluster is { } cluster)
        {
            yield return $"CREATE TABLE IF NOT EXISTS {_database}.samples_raw{OnCluster} AS {_database}.samples_local ENGINE = Distributed({cluster}, {_database}, samples_local, series)";
        }
    }

    private bool IsReplicated => settings.Cluster is not null && settings.Replicated;

    private string Rollup(string width) => Named(
        "bucket AS time, count, sum, min, max, sum / count AS avg, first, last",
        $"""
        SELECT series, toStartOfInterval(time, INTERVAL 1 {width}) AS bucket, count() AS count, sum(value) AS sum, min(value) AS min, max(value) AS max, argMin(value, time) AS first, argMax(value, time) AS last
        FROM {_database}.samples_raw FINAL WHERE NOT isNaN(value) GROUP BY series, bucket {FinalSettings}, enable_extended_results_for_datetime_functions = 1
        """);

    private string Named(string columns, string select) =>
        $"SELECT name, labels, series, {columns} FROM ({select}) AS x INNER JOIN (SELECT series, name, labels FROM {_database}.series_raw FINAL) AS s USING (series)";

    private string Table(string name, string columns, string engine, string rest) => $"CREATE TABLE IF NOT EXISTS {_database}.{name}{OnCluster} ({columns}) ENGINE = {engine} {rest}";

    private string View(string name, string select) => $"CREATE VIEW IF NOT EXISTS {_database}.{name}{OnCluster} AS {select}";

    // What every server of the cluster holds whole has a path without the shard, and a replica's name with it.
    private string Engine(string kind, string table, bool isSharded, string? version = null)
    {
        if (!IsReplicated) return $"{kind}({version})";
        var path = isSharded ? $"{settings.ReplicaPath}/{{shard}}/{_database}/{table}" : $"{settings.ReplicaPath}/{_database}/{table}";
        return $"Replicated{kind}('{path}', '{(isSharded ? "{replica}" : "{shard}_{replica}")}'{(version is null ? string.Empty : ", " + version)})";
    }
}
