using System.Text.Json;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using DataLayer.Query.Sql;
using DuckDB.NET.Data;
using Xunit;

namespace DataLayer.Query.Tests.Sql;

public sealed class SqlServiceTests
{
    private const long Epoch = 1_763_899_200_000_000;
    private const string Endless = "SELECT count(*) FROM range(100000) a, range(100000) b, range(100000) c WHERE a.range + b.range + c.range = 3";

    [Fact]
    public async Task Execute_everyType_isExactInJson()
    {
        await using var store = StoreFixture.Open();
        using var document = JsonDocument.Parse(await store.SqlAsync("""
            SELECT true AS b, 9223372036854775807 AS i, 170141183460469231731687303715884105727::HUGEINT AS h, 1.50::DECIMAL(18,3) AS d,
              0.1::FLOAT AS f, 0.1::DOUBLE AS x, 'nan'::DOUBLE AS nan, '-inf'::DOUBLE AS inf, 'a "quoted", text' AS s, NULL::INTEGER AS n,
              TIMESTAMP '2025-11-23 12:00:00.25' AS t, TIMESTAMPTZ '2025-11-23 13:00:00+01' AS z, DATE '2025-11-23' AS day, INTERVAL '90 minutes' AS iv,
              MAP {'host': 'a'} AS m, [1, 2] AS l, {'x': 1} AS st
            """));
        Assert.Equal(
            [
                "BOOLEAN", "BIGINT", "HUGEINT", "DECIMAL(18,3)", "FLOAT", "DOUBLE", "DOUBLE", "DOUBLE", "VARCHAR", "INTEGER", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "DATE",
                "INTERVAL", "MAP(VARCHAR, VARCHAR)", "INTEGER[]", "STRUCT(x INTEGER)",
            ],
            document.RootElement.GetProperty("columns").EnumerateArray().Select(c => c.GetProperty("type").GetString()));
        Assert.Equal(
            """[true,9223372036854775807,170141183460469231731687303715884105727,1.500,0.1,0.1,"NaN","-Infinity","a \"quoted\", text",null,"2025-11-23T12:00:00.25Z","2025-11-23T12:00:00Z","2025-11-23","01:30:00",{"host":"a"},[1,2],{"x":1}]""",
            document.RootElement.GetProperty("rows")[0].GetRawText());
        Assert.False(document.RootElement.GetProperty("truncated").GetBoolean());
    }

    [Fact]
    public async Task Execute_csv_isRfc4180()
    {
        await using var store = StoreFixture.Open();
        Assert.Equal("a,\"b,c\",d,e\r\n\"x\"\"y\",1,,\"\"\r\n", await store.SqlAsync("""SELECT 'x"y' AS a, 1 AS "b,c", NULL AS d, '' AS e""", SqlFormat.Csv));
    }

    [Fact]
    public async Task Execute_arrow_readsBack()
    {
        await using var store = StoreFixture.Open();
        var series = store.Series("cpu", ("host", "a"));
        await store.StoreAsync((series, Epoch, 1.5), (series, Epoch + 1, 2.5));
        var bytes = await StoreFixture.BytesAsync(output => store.Sql.ExecuteAsync("SELECT time, value, name FROM samples ORDER BY time", SqlFormat.Arrow, output, CancellationToken.None));
        using var reader = new ArrowStreamReader(new MemoryStream(bytes));
        using var batch = await reader.ReadNextRecordBatchAsync();
        Assert.Equal([1.5, 2.5], ((DoubleArray)batch.Column(1)).Values.ToArray());
        Assert.Equal([Epoch, Epoch + 1], ((TimestampArray)batch.Column(0)).Values.ToArray());
        Assert.Equal("cpu", ((StringArray)batch.Column(2)).GetString(0));
        Assert.Null(await reader.ReadNextRecordBatchAsync());
    }

    [Fact]
    public async Task Execute_seriesHotOnly_isThereWithLabels()
    {
        await using var store = StoreFixture.Open();
        await store.StoreAsync((store.Series("cpu", ("host", "a"), ("zone", "z")), Epoch, 1), (store.Series("bare"), Epoch, 2));
        Assert.Equal(
            "name,labels,value\r\nbare,{},2\r\ncpu,\"{\"\"host\"\":\"\"a\"\",\"\"zone\"\":\"\"z\"\"}\",1\r\n",
            await store.SqlAsync("SELECT name, labels, value FROM samples ORDER BY name", SqlFormat.Csv));
        await store.FlushAsync();
        await store.StoreAsync((store.Series("new"), Epoch, 3));
        Assert.Equal("name\r\nbare\r\ncpu\r\nnew\r\n", await store.SqlAsync("SELECT name FROM series ORDER BY name", SqlFormat.Csv));
        Assert.Equal("value\r\n2\r\n1\r\n3\r\n", await store.SqlAsync("SELECT value FROM samples ORDER BY name", SqlFormat.Csv));
    }

    [Fact]
    public async Task Execute_staleMarkers_areNull()
    {
        await using var store = StoreFixture.Open();
        var series = store.Series("cpu");
        await store.StoreAsync((series, Epoch, 4), (series, Epoch + 1, BitConverter.Int64BitsToDouble(0x7FF0000000000002)));
        Assert.Equal("count,avg\r\n2,4\r\n", await store.SqlAsync("SELECT count(*) AS count, avg(value) AS avg FROM samples", SqlFormat.Csv));
    }

    [Fact]
    public async Task Execute_moreRowsThanLimit_isTruncated()
    {
        await using var store = StoreFixture.Open(new SqlOptions { RowLimit = 10 });
        foreach (var (rows, isTruncated) in new[] { (9, false), (10, false), (11, true) })
        {
            using var document = JsonDocument.Parse(await store.SqlAsync($"SELECT * FROM range({rows}) ORDER BY 1"));
            Assert.Equal(Math.Min(rows, 10), document.RootElement.GetProperty("rows").GetArrayLength());
            Assert.Equal(isTruncated, document.RootElement.GetProperty("truncated").GetBoolean());
        }
    }

    [Theory]
    [InlineData("SHOW TABLES", "name\r\nevents\r\nrollup_1h\r\nrollup_1m\r\nsamples\r\nseries\r\n")]
    [InlineData("SELECT column_name FROM (DESCRIBE samples)", "column_name\r\nname\r\nlabels\r\ntime\r\nvalue\r\nquality\r\n")]
    [InlineData("SELECT 1 AS a; -- why; not", "a\r\n1\r\n")]
    public async Task Execute_otherSelects_answer(string sql, string expected)
    {
        await using var store = StoreFixture.Open();
        Assert.Equal(expected, await store.SqlAsync(sql, SqlFormat.Csv));
    }

    [Theory]
    [InlineData("EXPLAIN SELECT * FROM samples")]
    [InlineData("DESCRIBE samples")]
    [InlineData("SUMMARIZE samples")]
    public async Task Execute_explainAndDescribe_giveRows(string sql)
    {
        await using var store = StoreFixture.Open();
        Assert.NotEmpty(Answer.Rows(await store.SqlAsync(sql)));
    }

    [Fact]
    public async Task Execute_endless_endsAtTimeLimitAndServesOn()
    {
        await using var store = StoreFixture.Open(new SqlOptions { TimeLimit = TimeSpan.FromSeconds(2), ConcurrencyMax = 1 });
        Assert.Equal(QueryErrorKind.Timeout, (await Assert.ThrowsAsync<QueryException>(() => store.SqlAsync(Endless))).Kind);
        Assert.Equal("a\r\n1\r\n", await store.SqlAsync("SELECT 1 AS a", SqlFormat.Csv));
    }

    [Fact]
    public async Task Execute_cancelled_endsAndServesOn()
    {
        await using var store = StoreFixture.Open(new SqlOptions { ConcurrencyMax = 1 });
        using var cancellation = new CancellationTokenSource();
        var running = StoreFixture.TextAsync(output => store.Sql.ExecuteAsync(Endless, SqlFormat.Json, output, cancellation.Token));
        await cancellation.CancelAsync();
        Assert.Equal(QueryErrorKind.Cancelled, (await Assert.ThrowsAsync<QueryException>(() => running)).Kind);
        Assert.Equal("a\r\n1\r\n", await store.SqlAsync("SELECT 1 AS a", SqlFormat.Csv));
    }

    [Fact]
    public async Task Execute_tooMuchMemory_isRefusedAndServesOn()
    {
        await using var store = StoreFixture.Open(new SqlOptions { MemoryLimitBytes = 64 << 20 });
        Assert.Equal(QueryErrorKind.TooMuch, (await Assert.ThrowsAsync<QueryException>(() => store.SqlAsync("SELECT count(DISTINCT range) FROM range(50000000)"))).Kind);
        Assert.Equal("a\r\n1\r\n", await store.SqlAsync("SELECT 1 AS a", SqlFormat.Csv));
    }

    [Fact]
    public async Task Execute_queueFull_isUnavailable()
    {
        await using var store = StoreFixture.Open(new SqlOptions { ConcurrencyMax = 1, QueueMax = 0 });
        using var cancellation = new CancellationTokenSource();
        var running = StoreFixture.TextAsync(output => store.Sql.ExecuteAsync(Endless, SqlFormat.Json, output, cancellation.Token));
        Assert.Equal(QueryErrorKind.Unavailable, (await Assert.ThrowsAsync<QueryException>(() => store.SqlAsync("SELECT 1"))).Kind);
        await cancellation.CancelAsync();
        await Assert.ThrowsAsync<QueryException>(() => running);
    }

    [Theory]
    [InlineData("SELECT nothing FROM samples")]
    [InlineData("SELECT 'x'::INTEGER")]
    [InlineData("SELECT no_such_function(1)")]
    public async Task Execute_wrong_isBadRequestAndWritesNothing(string sql)
    {
        await using var store = StoreFixture.Open();
        var bytes = await StoreFixture.BytesAsync(async output =>
            Assert.Equal(QueryErrorKind.BadRequest, (await Assert.ThrowsAsync<QueryException>(() => store.Sql.ExecuteAsync(sql, SqlFormat.Json, output, CancellationToken.None))).Kind));
        Assert.Empty(bytes);
    }

    /// <summary>The second lock: the database itself, without the guard before it.</summary>
    [Theory]
    [InlineData("SELECT * FROM read_text('/etc/passwd')")]
    [InlineData("SELECT * FROM read_csv('/etc/passwd')")]
    [InlineData("SELECT * FROM glob('/etc/*')")]
    [InlineData("COPY (SELECT 1) TO '/tmp/datalayer-attack.csv'")]
    [InlineData("ATTACH '/tmp/datalayer-attack.db'")]
    [InlineData("INSTALL httpfs")]
    [InlineData("LOAD httpfs")]
    [InlineData("SET enable_external_access = true")]
    [InlineData("SET allowed_directories = ['/']")]
    [InlineData("SET memory_limit = '100GB'")]
    [InlineData("SET threads = 8")]
    [InlineData("SELECT * FROM read_text('http://127.0.0.1:1/')")]
    public async Task Database_filesAndSettings_areRefusedWithoutGuard(string sql)
    {
        await using var store = StoreFixture.Open();
        using var database = new SqlDatabase(store.LakeFolder, store.Pipeline.Registry, new SqlOptions());
        using var connection = database.Connect();
        Assert.Throws<DuckDBException>(() => SqlDatabase.Execute(connection, sql));
    }

    [Fact]
    public async Task Execute_manyAtOnce_allAnswer()
    {
        await using var store = StoreFixture.Open(new SqlOptions { ConcurrencyMax = 3, QueueMax = 100 });
        var series = store.Series("cpu");
        for (var i = 0; i < 5; i++)
        {
            await store.StoreAsync((series, Epoch + i, i));
            if (i % 2 == 0) await store.FlushAsync();
        }

        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => store.SqlAsync("SELECT count(*) AS n FROM samples WHERE name = 'cpu'", SqlFormat.Csv)));
        Assert.All(answers, answer => Assert.Equal("n\r\n5\r\n", answer));
    }
}
