namespace DataLayer.Engines.Tests.Postgres;

/// <summary>The example queries of docs/engines/postgres.md answer.</summary>
[Collection(PostgresCollection.Name)]
public sealed class PostgresDocsTests(PostgresFixture fixture)
{
    private const long T0 = 1_772_359_200_000_000L;

    [Fact]
    public async Task Examples_run_as_they_stand_and_answer()
    {
        var name = fixture.NewDatabase();
        await using var engine = fixture.Create(name, new MemoryCatalog(4));
        await engine.OpenAsync(TestContext.Current.CancellationToken);
        await PostgresDatabase.WriteAsync(engine, new EngineModel().Next([.. Enumerable.Range(0, 400).Select(at => new Sample(at % 4, T0 + (at * 1_000_000L), at % 40 == 1 ? double.NaN : at))]));
        var database = new PostgresDatabase(fixture.Server.ConnectionString(name));
        var examples = PostgresDocs.Blocks("sql");
        Assert.True(examples.Count >= 5);
        foreach (var example in examples) Assert.NotEmpty(await database.QueryAsync(example));
    }

    [Fact]
    public async Task Views_hold_what_was_written_with_null_for_nan()
    {
        var name = fixture.NewDatabase();
        await using var engine = fixture.Create(name, new MemoryCatalog(4));
        await engine.OpenAsync(TestContext.Current.CancellationToken);
        await PostgresDatabase.WriteAsync(engine, new EngineModel().Next(new Sample(1, T0, 1, 0.5f), new Sample(1, T0 + 1, double.NaN), new Sample(1, T0 + 2, 3)));
        var database = new PostgresDatabase(fixture.Server.ConnectionString(name));
        var samples = await database.QueryAsync("SELECT name, labels ->> 'host', labels ->> 'zone', value, quality FROM datalayer.samples ORDER BY time");
        Assert.Equal([["m1", "h1", "ü", 1.0, 0.5f], ["m1", "h1", "ü", null, 1f], ["m1", "h1", "ü", 3.0, 1f]], samples);
        foreach (var source in new[] { "rollup_1m", "rollup_1h", "rollup('minute', '2026-03-01', '2026-03-02')" })
        {
            Assert.Equal([["m1", "h1", 2L, 4.0, 1.0, 3.0, 2.0, 1.0, 3.0]], await database.QueryAsync($"SELECT name, labels ->> 'host', count, sum, min, max, avg, first, last FROM datalayer.{source}"));
        }

        Assert.Equal([["m1"]], await database.QueryAsync("SELECT name FROM datalayer.series WHERE labels @> '{\"host\": \"h1\"}'"));
    }
}
