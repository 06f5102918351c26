using System.Text.Json;
using DataLayer.Fuzzing;
using DataLayer.Query.Sql;
using DuckDB.NET.Data;
using Xunit;

namespace DataLayer.Query.Tests;

/// <summary>What people and programs write into queries, nearly right: answered or refused in words, never a fault of ours. See <see cref="Fuzz"/> for the long form.</summary>
public sealed class QueryTextFuzzTests
{
    private static readonly DateTimeOffset Now = new(2025, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private static readonly string[] Times = ["now", "-1h", "now-15m30s", "+7d", "2026-03-01T10:00:00Z", "2026-03-01 10:00:00.123456+02:00", "2026-03-01", "1763899200.25", "-0.5", "-1w2d3h4m5s6ms7us", "-253402300799s253402300799s"];

    private static readonly string[] Statements =
    [
        "SELECT * FROM samples WHERE name = 'cpu' AND time > now() - INTERVAL 1 HOUR ORDER BY time DESC LIMIT 5;",
        "WITH a AS (SELECT * FROM samples), b AS (SELECT * FROM a) SELECT count(*) FROM b JOIN series USING (name)",
        "EXPLAIN ANALYZE SELECT avg(value) OVER (PARTITION BY name ORDER BY time ROWS 5 PRECEDING) FROM samples -- c\n",
        "SELECT * FROM range(10), unnest([1, 2]) /* x */", "DESCRIBE samples", "SHOW TABLES", "FROM rollup_1m SELECT labels['a'], $$x$$, 'it''s', \"q\"", "VALUES (1), (2)",
    ];

    private static readonly HashSet<string> Tables = new(StringComparer.OrdinalIgnoreCase) { "samples", "series", "rollup_1m", "rollup_1h", "events" };
    private static readonly string[] TableFunctions = ["range", "generate_series", "unnest", "repeat", "repeat_row"];
    private static readonly string[] Functions = ["read_text", "getenv", "current_setting", "read_blob"];

    /// <summary>Pieces that a refused statement is made of: put into a right one, they must not get through.</summary>
    private static readonly string[] Refused =
    [
        "COPY (SELECT 1) TO '/tmp/datalayer-fuzz'", "read_text('/etc/passwd')", "'/etc/passwd'", "getenv('HOME')", "read_csv('/etc/passwd')", "INSERT INTO series VALUES (1)", "ATTACH 'x.db'",
        "SET threads = 1", "all_series", "duckdb_settings()", "glob('/*')", "PRAGMA version", "main.samples", "information_schema.tables",
    ];

    [Fact]
    public void TimeExpression_nearlyRight_isATimeOrRefusedInWords() => Fuzz.Run(30_000, random => Mutation.Of(random, Times[random.Next(Times.Length)]), (text, _) => Fuzz.Bounded(64 << 10, () =>
    {
        var micros = 0L;
        if (!Fuzz.Succeeds(() => micros = TimeExpression.Parse(text, Now, "start"), fault => fault is QueryException { Kind: QueryErrorKind.BadRequest })) return;
        Assert.InRange(micros, -253_402_300_799_000_000, 2 * 253_402_300_799_000_000);
        var later = TimeExpression.Parse(text, Now.AddHours(1), "start");
        Assert.True(later == micros || later == micros + 3_600_000_000, $"{micros}, an hour later {later}");
    }));

    [Fact]
    public void ParseDuration_nearlyRight_isPositiveOrRefusedInWords() => Fuzz.Run(30_000, random => Mutation.Of(random, Times[random.Next(Times.Length)].TrimStart('-', '+')), (text, _) =>
    {
        var micros = 0L;
        if (Fuzz.Succeeds(() => micros = TimeExpression.ParseDuration(text, "step"), fault => fault is QueryException { Kind: QueryErrorKind.BadRequest })) Assert.InRange(micros, 1, 253_402_300_799_000_000);
    });

    /// <summary>What the guard lets through is one SELECT, and a walk through DuckDB's tree finds nothing in it but our views and harmless functions.</summary>
    [Fact]
    public void SqlGuard_nearlyRight_isASelectOverTheViewsOrRefused()
    {
        using var connections = new ThreadLocal<DuckDBConnection>(Open, trackAllValues: true);
        Fuzz.Run(1_500, Statement, (sql, _) =>
        {
            SqlStatement? checkedOne = null;
            if (!Fuzz.Succeeds(() => checkedOne = SqlGuard.Check(connections.Value!, sql), fault => fault is QueryException or DuckDBException)) return;
            using var command = connections.Value!.CreateCommand();
            command.CommandText = "SELECT json_serialize_sql($1::VARCHAR)";
            var text = checkedOne!.Text;
            foreach (var prefix in new[] { "explain", "analyze" })
            {
                if (text.AsSpan().TrimStart().StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) text = text.TrimStart()[prefix.Length..];
            }

            command.Parameters.Add(new DuckDBParameter(text));
            var tree = (string)command.ExecuteScalar()!;
            using var parsed = JsonDocument.Parse(tree, new JsonDocumentOptions { MaxDepth = 4096 });
            Assert.False(parsed.RootElement.GetProperty("error").GetBoolean()); // One SELECT, by DuckDB's own word.
            Assert.Equal(1, parsed.RootElement.GetProperty("statements").GetArrayLength());
            AssertHarmless(parsed.RootElement, tree);
        });
        foreach (var connection in connections.Values) connection.Dispose();
    }

    /// <summary>Every table is a view of ours or a CTE, every table function reads nothing, and no function tells about the daemon.</summary>
    private static void AssertHarmless(JsonElement node, string tree)
    {
        if (node.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in node.EnumerateArray()) AssertHarmless(item, tree);
        }

        if (node.ValueKind != JsonValueKind.Object) return;
        var type = node.TryGetProperty("type", out var kind) && kind.ValueKind == JsonValueKind.String ? kind.GetString() : "";
        if (type == "BASE_TABLE")
        {
            var table = node.GetProperty("table_name").GetString()!;
            Assert.True(Tables.Contains(table) || tree.Contains($"\"key\":\"{table}\"", StringComparison.OrdinalIgnoreCase), $"the table {table}");
            Assert.Equal("", node.GetProperty("schema_name").GetString());
        }

        if (type == "TABLE_FUNCTION") Assert.Contains(node.GetProperty("function").GetProperty("function_name").GetString()!.ToLowerInvariant(), TableFunctions);
        if (type == "FUNCTION") Assert.DoesNotContain(node.GetProperty("function_name").GetString()!.ToLowerInvariant(), Functions);
        foreach (var property in node.EnumerateObject()) AssertHarmless(property.Value, tree);
    }

    private static string Statement(Random random)
    {
        var sql = Statements[random.Next(Statements.Length)];
        if (random.Next(2) == 0)
        {
            var words = sql.Split(' ');
            words[random.Next(words.Length)] = Refused[random.Next(Refused.Length)];
            sql = string.Join(' ', words);
        }

        return random.Next(3) == 0 ? sql : Mutation.Of(random, sql);
    }

    private static DuckDBConnection Open()
    {
        var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        return connection;
    }
}
