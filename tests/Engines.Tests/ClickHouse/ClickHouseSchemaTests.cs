using System.Text.RegularExpressions;
using DataLayer.Engines.ClickHouse;

namespace DataLayer.Engines.Tests.ClickHouse;

/// <summary>What the engine makes on the server, what it refuses to touch, and what people read there.</summary>
public sealed partial class ClickHouseSchemaTests(ClickHouseFixture fixture)
{
    private const long T0 = 1_772_359_200_000_000L;

    private static readonly MemoryCatalog Catalog = new(8);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DescribeAsync_tells_what_would_be_made_and_makes_nothing()
    {
        var server = await fixture.ServerAsync();
        var database = fixture.NextDatabase();
        await using var engine = ClickHouseFixture.Engine(ClickHouseFixture.Options(server, database), Catalog);
        var lines = string.Join('\n', await engine.DescribeAsync(Cancellation));
        Assert.Contains("ClickHouse 26.7", lines, StringComparison.Ordinal);
        Assert.Contains($"would create the database {database}", lines, StringComparison.Ordinal);
        Assert.Equal("0", await server.AskAsync($"SELECT count() FROM system.databases WHERE name = '{database}'"));
        await engine.OpenAsync(Cancellation);
        Assert.Contains("nothing to create", string.Join('\n', await engine.DescribeAsync(Cancellation)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_newer_schema_is_refused_and_left_as_it_is()
    {
        var server = await fixture.ServerAsync();
        var database = fixture.NextDatabase();
        await using var engine = ClickHouseFixture.Engine(ClickHouseFixture.Options(server, database), Catalog);
        await engine.OpenAsync(Cancellation);
        await server.AskAsync($"INSERT INTO {database}.schema_version (version) VALUES (99)");
        await server.AskAsync($"DROP VIEW {database}.rollup_1h");
        var fault = await Assert.ThrowsAsync<EngineException>(async () => await engine.OpenAsync(Cancellation));
        Assert.False(fault.IsTransient);
        Assert.Contains("schema version 99", fault.Message, StringComparison.Ordinal);
        Assert.Equal("0", await server.AskAsync($"EXISTS {database}.rollup_1h"));
    }

    [Fact]
    public async Task OpenAsync_tables_of_somebody_else_are_refused_and_left_as_they_are()
    {
        var server = await fixture.ServerAsync();
        var database = fixture.NextDatabase();
        await server.AskAsync($"CREATE DATABASE {database}");
        await server.AskAsync($"CREATE TABLE {database}.samples (a Int32) ENGINE = MergeTree ORDER BY a");
        await using var engine = ClickHouseFixture.Engine(ClickHouseFixture.Options(server, database), Catalog);
        var fault = await Assert.ThrowsAsync<EngineException>(async () => await engine.OpenAsync(Cancellation));
        Assert.False(fault.IsTransient);
        Assert.Equal("samples", await server.AskAsync($"SELECT name FROM system.tables WHERE database = '{database}'"));
    }

    [Fact]
    public async Task OpenAsync_creation_that_broke_off_is_finished()
    {
        var server = await fixture.ServerAsync();
        var database = fixture.NextDatabase();
        var ddl = new ClickHouseDdl(ClickHouseSettings.Parse("ch", new Dictionary<string, string> { ["Database"] = database }), null);
        await server.AskAsync(ddl.Database);
        foreach (var statement in ddl.Statements.Take(2)) await server.AskAsync(statement);
        await using var engine = ClickHouseFixture.Engine(ClickHouseFixture.Options(server, database), Catalog);
        await engine.OpenAsync(Cancellation);
        await engine.WriteAsync(new EngineModel().Next(new Sample(0, T0, 1)), Cancellation);
        Assert.Equal("1", await server.AskAsync($"SELECT count() FROM {database}.samples"));
    }

    [Fact]
    public async Task OpenAsync_changed_retention_changes_the_ttl_and_the_server_removes_what_is_older()
    {
        var server = await fixture.ServerAsync();
        var database = fixture.NextDatabase();
        var now = (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        Sample[] samples = [new(0, now - 7_200_000_000L, 1), new(0, -86_400_000_000L, 2), new(0, now, 3), new(0, 7_258_118_400_000_000L, 4)]; // The last one is of 2200.
        foreach (var (retention, ttl, left) in new (TimeSpan?, string, string)[] { (null, "0", "4"), (TimeSpan.FromHours(1), "1", "2"), (TimeSpan.FromDays(2), "1", "3"), (null, "0", "4") })
        {
            var given = ClickHouseFixture.Options(server, database);
            await using var engine = ClickHouseFixture.Engine(new EngineOptions { Name = "ch", Kind = "clickhouse", ConnectionString = given.ConnectionString, Settings = given.Settings, Retention = retention }, Catalog);
            await engine.OpenAsync(Cancellation);
            await engine.AddAsync(new MemorySource(0, 10, samples, _ => long.MaxValue), Cancellation);
            Assert.Equal(ttl, await server.AskAsync($"SELECT create_table_query LIKE '%TTL time + toIntervalSecond({(long)(retention?.TotalSeconds ?? 0)})%' FROM system.tables WHERE database = '{database}' AND name = 'samples_raw'"));
            if (retention is not null) await server.AskAsync($"ALTER TABLE {database}.samples_raw MATERIALIZE TTL SETTINGS mutations_sync = 2");
            Assert.Equal(left, await server.AskAsync($"SELECT count() FROM {database}.samples"));
        }
    }

    [Fact]
    public async Task Statements_for_a_cluster_are_parsed_by_the_server()
    {
        var server = await fixture.ServerAsync();
        foreach (var replicated in new[] { "true", "false" })
        {
            var settings = ClickHouseSettings.Parse("ch", new Dictionary<string, string> { ["Cluster"] = "main", ["Replicated"] = replicated, ["Quorum"] = "auto" });
            var ddl = new ClickHouseDdl(settings, TimeSpan.FromDays(30));
            string[] statements = [ddl.Database, .. ddl.Statements, ddl.Retention];
            foreach (var statement in statements)
            {
                Assert.Contains("ON CLUSTER main", statement, StringComparison.Ordinal);
                Assert.NotEmpty(await server.AskAsync("EXPLAIN AST " + statement));
            }

            Assert.Equal(replicated == "true", statements.Any(statement => statement.Contains("ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/datalayer/samples_local', '{replica}', version)", StringComparison.Ordinal)));
            Assert.Contains(statements, statement => statement.EndsWith("ENGINE = Distributed(main, datalayer, samples_local, series)", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("Databse", "x", "unknown; there are Database")]
    [InlineData("Database", "a b", "letters, digits")]
    [InlineData("Partition", "year", "one of month, day, none")]
    [InlineData("Fsync", "yes", "true or false")]
    [InlineData("Quorum", "auto", "only with Cluster")]
    public void Parse_settings_that_there_are_not_are_refused_with_what_is_allowed(string name, string value, string expected)
    {
        var fault = Assert.Throws<EngineException>(() => ClickHouseSettings.Parse("ch", new Dictionary<string, string> { [name] = value }));
        Assert.False(fault.IsTransient);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Examples_of_the_documentation_answer_what_was_written()
    {
        var server = await fixture.ServerAsync();
        var catalog = new MemoryCatalog(2, _ => "cpu.load");
        await using var engine = ClickHouseFixture.Engine(ClickHouseFixture.Options(server, "datalayer"), catalog);
        await engine.OpenAsync(Cancellation);
        var model = new EngineModel();
        await engine.WriteAsync(model.Next(new Sample(1, T0, 1), new Sample(1, T0 + 1_000_000, 9), new Sample(0, T0, 4)), Cancellation);
        await engine.WriteAsync(model.Next(new Sample(1, T0 + 1_000_000, 3), new Sample(1, T0 + 60_000_000, -7), new Sample(1, T0 + 2_000_000, double.NaN)), Cancellation);
        var text = await File.ReadAllTextAsync(Path.Combine(Folder(), "docs", "engines", "clickhouse.md"), Cancellation);
        string[] answers = [.. await Task.WhenAll(SqlBlock().Matches(text).Select(block => server.AskAsync(block.Groups[1].Value.Replace("'a1'", "'h1'", StringComparison.Ordinal))))];
        Assert.Equal(
            [
                "2026-03-01 10:00:00.000000\t1\n2026-03-01 10:00:01.000000\t3\n2026-03-01 10:00:02.000000\tnan\n2026-03-01 10:01:00.000000\t-7",
                "\t2026-03-01 10:00:00\t4\nh1\t2026-03-01 10:00:00\t2\nh1\t2026-03-01 10:01:00\t-7",
                $"{SeriesId.Of(catalog.KeyOf(1))}\t3",
                "{'host':'h1','zone':'ü'}\t-7\n{}\t4",
                "3a2f0d3e-6a0c-4d3c-9d52-0f6f2f1c7d11\t" + model.Position,
            ],
            answers);
    }

    private static string Folder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "DataLayer.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }

    [GeneratedRegex("```sql\n(.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex SqlBlock();
}
