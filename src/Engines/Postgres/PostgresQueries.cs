using Npgsql;
using NpgsqlTypes;

namespace DataLayer.Engines.Postgres;

/// <summary>The statements that snapshots read with. Few texts, so that each connection prepares them once.</summary>
internal static class PostgresQueries
{
    public const string LatestSql = "SELECT /* datalayer:latest */ time, value FROM datalayer.sample WHERE series = $1 ORDER BY time DESC LIMIT 1";

    // By the B-tree: series by series in the order asked for, without a sort; the function's rows come in their order, and the reader checks that.
    private const string ByIndex = """
        FROM unnest($1::bigint[]) WITH ORDINALITY AS a(id, at)
        CROSS JOIN LATERAL (SELECT time, value, quality FROM datalayer.sample WHERE series = a.id AND time >= $2 AND time < $3 {0} ORDER BY time) s
        """;

    // Without it, one pass over the time range for all series.
    private const string ByTime = """
        FROM datalayer.sample s JOIN unnest($1::bigint[]) WITH ORDINALITY AS a(id, at) ON a.id = s.series
        WHERE s.time >= $2 AND s.time < $3 {0}
        """;

    private const string NoNan = "AND value <> 'NaN'";

    public static string Samples(bool isUnique) =>
        "SELECT /* datalayer:samples */ a.at, s.time, s.value, s.quality " + (isUnique ? Without(ByIndex) : Without(ByTime) + " ORDER BY a.at, s.time");

    /// <summary>Buckets as rows: at, start, count, and what the fields say, in the order of their flags.</summary>
    public static string Rollups(bool isUnique, Resolution resolution, RollupFields fields)
    {
        var from = (isUnique ? ByIndex : ByTime).Replace("{0}", NoNan, StringComparison.Ordinal);
        var width = resolution == Resolution.Minute ? "minute" : "hour";
        var sum = fields.HasFlag(RollupFields.Sum) ? ", sum(value)" : string.Empty;
        var range = fields.HasFlag(RollupFields.MinMax) ? ", min(value), max(value)" : string.Empty;
        var ends = fields.HasFlag(RollupFields.FirstLast) ? ", min(time), (array_agg(value ORDER BY time))[1], max(time), (array_agg(value ORDER BY time DESC))[1]" : string.Empty;
        return $"""
            SELECT /* datalayer:rollups */ at, date_trunc('{width}', time, 'UTC') AS start, count(*){sum}{range}{ends}
            FROM (SELECT a.at, s.time, s.value {from}) r GROUP BY 1, 2 ORDER BY 1, 2
            """;
    }

    public static NpgsqlParameter<long> Time(long unixMicros) => new NpgsqlParameter<long> { TypedValue = PostgresTime.Clamp(unixMicros), NpgsqlDbType = NpgsqlDbType.TimestampTz };

    private static string Without(string from) => from.Replace("{0}", string.Empty, StringComparison.Ordinal);
}
