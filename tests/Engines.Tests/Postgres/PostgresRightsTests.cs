using DataLayer.Engines.Postgres;
using Npgsql;

namespace DataLayer.Engines.Tests.Postgres;

/// <summary>The rights that docs/engines/postgres.md names are enough, and fewer are said.</summary>
[Collection(PostgresCollection.Name)]
public sealed class PostgresRightsTests(PostgresFixture fixture)
{
    private const int SeriesCount = 8;
    private const long T0 = 1_772_359_200_000_000L;

    private readonly string _name = fixture.NewDatabase();
    private readonly EngineModel _model = new();

    private PostgresDatabase Database => new(fixture.Server.ConnectionString(_name));

    [Fact]
    public async Task Least_rights_suffice_for_the_engine_and_for_a_reader()
    {
        // The statements of the page, with a role of this test's own.
        foreach (var statement in PostgresDocs.Blocks("sql rights")) await Database.ExecuteAsync(statement.Replace("metrics", _name, StringComparison.Ordinal).Replace("dl_", $"{_name}_", StringComparison.Ordinal));
        await using var engine = On($"{_name}_writer", retention: TimeSpan.FromDays(1));
        await engine.OpenAsync(TestContext.Current.CancellationToken);
        Assert.Contains(await engine.DescribeAsync(TestContext.Current.CancellationToken), line => line.Contains("nothing to change", StringComparison.Ordinal));
        await PostgresDatabase.WriteAsync(engine, _model.Next(new Sample(0, T0, 1), new Sample(1, T0, 1)));
        await PostgresDatabase.WriteAsync(engine, _model.Next(new Sample(0, T0, 2), new Sample(1, T0 + 1, 1)));
        PostgresDatabase.AssertMatches(engine, _model, SeriesCount);
        foreach (var statement in PostgresDocs.Blocks("sql reader")) await Database.ExecuteAsync(statement.Replace("metrics", _name, StringComparison.Ordinal).Replace("dl_", $"{_name}_", StringComparison.Ordinal));
        var reader = new PostgresDatabase(fixture.Server.ConnectionString(_name, $"{_name}_reader"));
        Assert.Equal(3L, await reader.ScalarAsync<long>("SELECT count(*) FROM datalayer.samples"));
        Assert.Equal(2L, await reader.ScalarAsync<long>("SELECT count(*) FROM datalayer.rollup_1h"));
        Assert.Equal(2L, await reader.ScalarAsync<long>("SELECT count(*) FROM datalayer.rollup('hour', '2026-03-01', '2026-03-02')"));
        await Assert.ThrowsAsync<PostgresException>(() => reader.ExecuteAsync("DELETE FROM datalayer.sample"));
        Assert.Contains("dropped sample_p20260301", await engine.ExpireAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_role_that_may_not_create_says_which_right_is_missing()
    {
        await Database.ExecuteAsync($"CREATE ROLE {_name}_poor LOGIN");
        await using var engine = On($"{_name}_poor");
        Assert.Contains(await engine.DescribeAsync(TestContext.Current.CancellationToken), line => line.Contains("missing right: CREATE SCHEMA", StringComparison.Ordinal));
        var fault = await Assert.ThrowsAsync<EngineException>(async () => await engine.OpenAsync(TestContext.Current.CancellationToken));
        Assert.True(fault.IsTransient);
        Assert.Contains($"CREATE SCHEMA datalayer AUTHORIZATION \"{_name}_poor\"", fault.Message, StringComparison.Ordinal);
        Assert.Equal(EngineState.Degraded, engine.Health.State);
    }

    [Fact]
    public async Task WriteAsync_role_that_may_only_read_says_which_right_is_missing()
    {
        await Database.ExecuteAsync($"CREATE ROLE {_name}_owner LOGIN; CREATE SCHEMA datalayer AUTHORIZATION {_name}_owner");
        await using var engine = On($"{_name}_owner");
        await engine.OpenAsync(TestContext.Current.CancellationToken);
        await PostgresDatabase.WriteAsync(engine, _model.Next(new Sample(0, T0, 1)));
        await Database.ExecuteAsync($"ALTER TABLE datalayer.sample OWNER TO postgres; GRANT SELECT ON datalayer.sample TO {_name}_owner");
        var batch = _model.Next(new Sample(0, T0 + 1, 2));
        var fault = await Assert.ThrowsAsync<EngineException>(() => PostgresDatabase.WriteAsync(engine, batch));
        Assert.True(fault.IsTransient);
        Assert.Contains("permission denied for table sample", fault.Message, StringComparison.Ordinal);
        await Database.ExecuteAsync($"ALTER TABLE datalayer.sample OWNER TO {_name}_owner");
        await PostgresDatabase.WriteAsync(engine, batch);
        PostgresDatabase.AssertMatches(engine, _model, SeriesCount);
        Assert.Equal(EngineHealth.Healthy, engine.Health);
    }

    private PostgresEngine On(string user, TimeSpan? retention = null) => PostgresFixture.On(fixture.Server.ConnectionString(_name, user), new MemoryCatalog(SeriesCount), retention: retention);
}
