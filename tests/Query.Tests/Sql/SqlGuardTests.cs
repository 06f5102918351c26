using DataLayer.Query.Sql;
using DuckDB.NET.Data;
using Xunit;

namespace DataLayer.Query.Tests.Sql;

/// <summary>What the guard lets through, and that it refuses each attack; <see cref="SqlServiceTests"/> shows that the database refuses files on its own.</summary>
public sealed class SqlGuardTests : IDisposable
{
    private readonly DuckDBConnection _connection = new("DataSource=:memory:");

    public SqlGuardTests() => _connection.Open();

    [Theory]
    [InlineData("SELECT 1")]
    [InlineData("select * from samples where name = 'cpu' and labels['host'] = 'a' order by time desc limit 5;")]
    [InlineData("WITH a AS (SELECT * FROM samples), b AS (SELECT * FROM a) SELECT count(*) FROM b JOIN series USING (name)")]
    [InlineData("WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT * FROM r")]
    [InlineData("FROM samples")]
    [InlineData("TABLE samples")]
    [InlineData("VALUES (1), (2)")]
    [InlineData("DESCRIBE samples")]
    [InlineData("SUMMARIZE samples")]
    [InlineData("SHOW TABLES")]
    [InlineData("EXPLAIN SELECT * FROM samples")]
    [InlineData("explain analyze select * from samples")]
    [InlineData("SELECT * FROM range(10), unnest([1, 2])")]
    [InlineData("SELECT * FROM rollup_1m UNION ALL SELECT * FROM rollup_1h")]
    [InlineData("SELECT ';' -- a comment; with a semicolon\n, '--' /* and; another */;")]
    [InlineData("SELECT avg(value) OVER (PARTITION BY name ORDER BY time ROWS 5 PRECEDING) FROM samples QUALIFY row_number() OVER () < 9")]
    public void Check_oneSelect_passes(string sql) =>
        Assert.DoesNotContain("a comment", SqlGuard.Check(_connection, sql).Text, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("   \n")]
    [InlineData("SELECT 1; SELECT 2")]
    [InlineData("SELECT 1; DROP TABLE all_series")]
    [InlineData("COPY (SELECT 1) TO '/tmp/x.csv'")]
    [InlineData("COPY samples FROM '/etc/passwd'")]
    [InlineData("EXPLAIN ANALYZE COPY (SELECT 1) TO '/tmp/x.csv'")]
    [InlineData("EXPLAIN EXPLAIN ANALYZE COPY (SELECT 1) TO '/tmp/x.csv'")]
    [InlineData("EXPLAIN ANALYZE INSERT INTO all_series VALUES (1, 'x', NULL)")]
    [InlineData("ATTACH '/tmp/x.db'")]
    [InlineData("DETACH memory")]
    [InlineData("INSTALL httpfs")]
    [InlineData("LOAD httpfs")]
    [InlineData("SET memory_limit = '100GB'")]
    [InlineData("RESET ALL")]
    [InlineData("PRAGMA database_list")]
    [InlineData("CALL pragma_version()")]
    [InlineData("CREATE TABLE x (a INT)")]
    [InlineData("CREATE MACRO f() AS 1")]
    [InlineData("CREATE OR REPLACE TEMP VIEW samples AS SELECT 1")]
    [InlineData("INSERT INTO all_series VALUES (1, 'x', NULL)")]
    [InlineData("DELETE FROM all_series")]
    [InlineData("UPDATE all_series SET name = 'x'")]
    [InlineData("DROP VIEW samples")]
    [InlineData("EXPORT DATABASE '/tmp/x'")]
    [InlineData("IMPORT DATABASE '/tmp/x'")]
    [InlineData("CHECKPOINT")]
    [InlineData("BEGIN TRANSACTION")]
    [InlineData("USE memory")]
    [InlineData("PREPARE p AS SELECT 1")]
    [InlineData("EXECUTE p")]
    [InlineData("SELECT * FROM read_csv('/etc/passwd')")]
    [InlineData("SELECT * FROM read_text('/etc/passwd')")]
    [InlineData("SELECT * FROM glob('/*')")]
    [InlineData("SELECT * FROM read_parquet('x.parquet')")]
    [InlineData("SELECT * FROM parquet_metadata('x.parquet')")]
    [InlineData("SELECT * FROM '/etc/passwd'")]
    [InlineData("SELECT * FROM 'x.parquet'")]
    [InlineData("SELECT (SELECT content FROM read_text('/etc/passwd'))")]
    [InlineData("SELECT 1 WHERE EXISTS (SELECT * FROM read_text('/etc/passwd'))")]
    [InlineData("WITH a AS (SELECT * FROM read_text('/etc/passwd')) SELECT * FROM a")]
    [InlineData("WITH \"/etc/passwd\" AS (SELECT 1) SELECT * FROM \"/etc/passwd\"")]
    [InlineData("SELECT * FROM samples, LATERAL (SELECT * FROM read_text('/etc/passwd'))")]
    [InlineData("DESCRIBE SELECT * FROM read_csv('/etc/passwd')")]
    [InlineData("SUMMARIZE SELECT * FROM '/etc/passwd'")]
    [InlineData("SELECT * FROM samples ORDER BY (SELECT count(*) FROM read_text('/etc/passwd'))")]
    [InlineData("SELECT max(value) FILTER (WHERE 1 IN (SELECT 1 FROM glob('/*'))) FROM samples")]
    [InlineData("FROM query('SELECT 1')")]
    [InlineData("FROM query_table('all_series')")]
    [InlineData("SELECT * FROM all_series")]
    [InlineData("SELECT * FROM memory.main.all_series")]
    [InlineData("SELECT * FROM lake_samples")]
    [InlineData("SELECT * FROM hot_samples(1)")]
    [InlineData("SELECT * FROM duckdb_settings()")]
    [InlineData("SELECT * FROM duckdb_settings")]
    [InlineData("SELECT * FROM information_schema.tables")]
    [InlineData("SELECT * FROM json_execute_serialized_sql('{}')")]
    [InlineData("SELECT current_setting('allowed_directories')")]
    [InlineData("SELECT getenv('HOME')")]
    [InlineData("SELECT write_log('x')")]
    [InlineData("PIVOT samples ON name USING sum(value)")]
    [InlineData("SELECT 1\0; DROP TABLE x")]
    [InlineData("nonsense")]
    [InlineData("SELECT * FROM")]
    public void Check_anythingElse_isBadRequest(string sql)
    {
        var error = Assert.Throws<QueryException>(() => SqlGuard.Check(_connection, sql));
        Assert.Equal(QueryErrorKind.BadRequest, error.Kind);
        Assert.NotEmpty(error.Message);
    }

    [Theory]
    [InlineData("SELECT count(*) FROM samples", false)]
    [InlineData("SELECT avg(value) FROM samples WHERE time > now()", false)]
    [InlineData("SELECT * FROM samples", true)]
    [InlineData("SELECT name FROM samples", true)]
    [InlineData("SELECT samples FROM samples", true)]
    [InlineData("SELECT COLUMNS('n.*') FROM samples", true)]
    [InlineData("SELECT #1 FROM samples", true)]
    [InlineData("SELECT value FROM samples NATURAL JOIN series", true)]
    [InlineData("SELECT value FROM samples JOIN series USING (name)", true)]
    [InlineData("SELECT s.labels FROM samples s", true)]
    public void Check_columns_tellsWhetherNamesAreNeeded(string sql, bool needsNames) => Assert.Equal(needsNames, SqlGuard.Check(_connection, sql).NeedsNames);

    [Theory]
    [InlineData(100)]
    [InlineData(900)]
    [InlineData(5_000)]
    [InlineData(100_000)]
    public void Check_deepNesting_doesNoHarm(int depth)
    {
        var error = Record.Exception(() => SqlGuard.Check(_connection, "SELECT " + new string('(', depth) + "1" + new string(')', depth)));
        Assert.True(error is null or QueryException or DuckDBException, error?.ToString());
        Assert.NotNull(SqlGuard.Check(_connection, "SELECT 1"));
    }

    public void Dispose() => _connection.Dispose();
}
