using DataLayer.Engines.Postgres;
using DataLayer.Ingest.Series;
using DataLayer.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace DataLayer.Engines.Tests.Postgres;

[Collection(PostgresCollection.Name)]
public sealed class PostgresEngineTests(PostgresFixture fixture) : IAsyncDisposable
{
    private const int SeriesCount = 8;
    private const long Day = 86_400_000_000L;

    // 2026-03-01T10:00:00Z
    private const long T0 = 1_772_359_200_000_000L;

    private readonly string _name = fixture.NewDatabase();
    private readonly EngineModel _model = new();
    private readonly List<PostgresEngine> _engines = [];

    private PostgresDatabase Database => new(fixture.Server.ConnectionString(_name));

    [Fact]
    public async Task OpenAsync_schema_newer_than_known_is_refused()
    {
        await OpenAsync();
        await Database.ExecuteAsync("INSERT INTO datalayer.migration (version) VALUES (999)");
        var refused = await Assert.ThrowsAsync<EngineException>(() => OpenAsync());
        Assert.False(refused.IsTransient);
        Assert.Contains("version 999", refused.Message, StringComparison.Ordinal);
        refused = await Assert.ThrowsAsync<EngineException>(() => Create().DescribeAsync(TestContext.Current.CancellationToken));
        Assert.Contains("version 999", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("btree", "brin", "DROP INDEX datalayer.sample_key")]
    [InlineData("brin", "btree", "CREATE UNIQUE INDEX sample_key")]
    public async Task OpenAsync_other_index_than_there_is_is_refused_with_what_to_do(string before, string after, string said)
    {
        await OpenAsync(new() { ["Index"] = before });
        var refused = await Assert.ThrowsAsync<EngineException>(() => OpenAsync(new() { ["Index"] = after }));
        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_two_at_once_on_an_empty_database_both_succeed()
    {
        await Task.WhenAll(OpenAsync(), OpenAsync(source: "other"));
        Assert.Equal(2L, await Database.ScalarAsync<long>("SELECT count(*) FROM datalayer.position"));
    }

    [Fact]
    public async Task OpenAsync_database_of_another_encoding_is_refused()
    {
        await new PostgresDatabase(fixture.Server.ConnectionString()).ExecuteAsync("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
        var refused = await Assert.ThrowsAsync<EngineException>(async () => await Keep(fixture.Create("latin", new MemoryCatalog(1))).OpenAsync(TestContext.Current.CancellationToken));
        Assert.Contains("UTF8", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_missing_database_is_transient_and_named()
    {
        var engine = Keep(fixture.Create("nowhere", new MemoryCatalog(1)));
        var fault = await Assert.ThrowsAsync<EngineException>(async () => await engine.OpenAsync(TestContext.Current.CancellationToken));
        Assert.True(fault.IsTransient);
        Assert.Contains("CREATE DATABASE \"nowhere\"", fault.Message, StringComparison.Ordinal);
        Assert.Equal(EngineState.Degraded, engine.Health.State);
    }

    [Fact]
    public async Task OpenAsync_first_host_is_dead_the_second_is_taken()
    {
        var engine = Keep(PostgresFixture.On($"Host=127.0.0.1:1,127.0.0.1:{fixture.Server.Port};Database={_name};Username=postgres", new MemoryCatalog(SeriesCount)));
        await engine.OpenAsync(TestContext.Current.CancellationToken);
        await PostgresDatabase.WriteAsync(engine, _model.Next(new Sample(0, T0, 1)));
        PostgresDatabase.AssertMatches(engine, _model, SeriesCount);
    }

    [Fact]
    public async Task WriteAsync_row_of_another_writer_on_the_straight_path_is_merged()
    {
        var engine = await OpenAsync();
        await PostgresDatabase.WriteAsync(engine, _model.Next(new Sample(0, T0, 1)));
        await Database.ExecuteAsync("INSERT INTO datalayer.sample (series, time, value, version) SELECT series, time + interval '1 s', 9, version FROM datalayer.sample");
        await PostgresDatabase.WriteAsync(engine, _model.Next(new Sample(0, T0 + 1_000_000, 2), new Sample(1, T0, 3)));
        PostgresDatabase.AssertMatches(engine, _model, SeriesCount);
    }

    [Fact]
    public async Task WriteAsync_series_with_the_number_of_another_is_refused_and_the_rest_is_stored()
    {
        var engine = await OpenAsync();
        var id = SeriesId.Of(new MemoryCatalog(SeriesCount).KeyOf(3));
        await Database.ExecuteAsync($"INSERT INTO datalayer.series_def VALUES ({id}, 'other', '{{}}', '\\x00')");
        var batch = _model.Peek([new Sample(2, T0, 1), new Sample(3, T0, 2)]);
        var refused = await Assert.ThrowsAsync<RefusedSamplesException>(() => PostgresDatabase.WriteAsync(engine, batch));
        Assert.Contains("'other'", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0L, await Database.ScalarAsync<long>("SELECT count(*) FROM datalayer.sample"));
        await engine.AddAsync(batch.Split(2)[0], TestContext.Current.CancellationToken);
        Assert.Equal(1L, await Database.ScalarAsync<long>("SELECT count(*) FROM datalayer.samples WHERE name = 'm2'"));
    }

    [Fact]
    public async Task WriteAsync_label_with_nul_is_refused_as_content()
    {
        var engine = Keep(fixture.Create(_name, new LabelCatalog("a", "a\0b")));
        await engine.OpenAsync(TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<RefusedSamplesException>(() => PostgresDatabase.WriteAsync(engine, _model.Peek([new Sample(1, T0, 1)])));
        await PostgresDatabase.WriteAsync(engine, _model.Next(new Sample(0, T0, 1)));
    }

    [Fact]
    public async Task WriteAsync_server_that_went_back_is_noticed_and_written_again_from_there()
    {
        var engine = await OpenAsync();
        var first = _model.Next(new Sample(0, T0, 1));
        var second = _model.Next(new Sample(1, T0, 2));
        await PostgresDatabase.WriteAsync(engine, first);
        await PostgresDatabase.WriteAsync(engine, second);
        await Database.ExecuteAsync($"UPDATE datalayer.position SET lsn = {first.EndLsn}; DELETE FROM datalayer.sample WHERE version & ((1::bigint << 48) - 1) > {first.EndLsn}; DELETE FROM datalayer.series_def WHERE name = 'm1'");
        var third = _model.Next(new Sample(0, T0 + 1, 3));
        for (var time = 0; time < 2; time++)
        {
            var fault = await Assert.ThrowsAsync<EngineException>(() => PostgresDatabase.WriteAsync(engine, third));
            Assert.True(fault.IsTransient);
            Assert.Equal(first.EndLsn, engine.Position);
        }

        await PostgresDatabase.WriteAsync(engine, second);
        await PostgresDatabase.WriteAsync(engine, third);
        PostgresDatabase.AssertMatches(engine, _model, SeriesCount);
        Assert.Equal(1L, await Database.ScalarAsync<long>("SELECT count(*) FROM datalayer.samples WHERE name = 'm1'"));
    }

    [Theory]
    [InlineData("btree")]
    [InlineData("brin")]
    public async Task WriteAsync_log_that_began_anew_wins_over_the_one_before(string index)
    {
        var engine = await OpenAsync(new() { ["Index"] = index });
        await engine.MoveToAsync(1_000_000, TestContext.Current.CancellationToken);
        await engine.WriteAsync(new MemorySource(1_000_000, 1_000_001, [new Sample(0, T0, 1)], _ => long.MinValue), TestContext.Current.CancellationToken);
        var next = await OpenAsync(new() { ["Index"] = index }, source: "new");
        Assert.Equal((0, T0), (next.Position, next.LastTimeMicros));
        await next.WriteAsync(new MemorySource(0, 1, [new Sample(0, T0, 2)], _ => next.LastTimeMicros), TestContext.Current.CancellationToken);
        using var snapshot = next.Snapshot();
        EngineModel.AssertSame([new Sample(0, T0, 2)], EngineModel.ReadAll(snapshot, [0]));
    }

    [Fact]
    public async Task WriteAsync_partition_dropped_by_hand_is_made_again()
    {
        var engine = await OpenAsync();
        await PostgresDatabase.WriteAsync(engine, _model.Next(new Sample(0, T0, 1)));
        await Database.ExecuteAsync("DROP TABLE datalayer.sample_p20260301");
        _model.Remove(_ => true);
        var batch = _model.Next(new Sample(0, T0 + 1, 2));
        var fault = await Assert.ThrowsAsync<EngineException>(() => PostgresDatabase.WriteAsync(engine, batch));
        Assert.True(fault.IsTransient);
        Assert.IsNotType<RefusedSamplesException>(fault);
        await PostgresDatabase.WriteAsync(engine, batch);
        PostgresDatabase.AssertMatches(engine, _model, SeriesCount);
    }

    [Fact]
    public async Task WriteAsync_other_partition_width_fills_the_gaps_between_those_there_are()
    {
        var engine = await OpenAsync();
        await PostgresDatabase.WriteAsync(engine, _model.Next(new Sample(0, T0, 1), new Sample(0, T0 + (2 * Day), 1)));
        var wider = await OpenAsync(new() { ["PartitionWidth"] = "30.00:00:00" });
        await PostgresDatabase.WriteAsync(wider, _model.Next([.. Enumerable.Range(-40, 80).Select(day => new Sample(1, T0 + (day * Day), day))]));
        PostgresDatabase.AssertMatches(wider, _model, SeriesCount);
    }

    [Fact]
    public async Task ExpireAsync_drops_own_partitions_that_are_wholly_expired_and_makes_those_ahead()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddTicks(T0 * 10));
        var engine = await OpenAsync(retention: TimeSpan.FromDays(2), time: time);
        await PostgresDatabase.WriteAsync(engine, _model.Next([.. Enumerable.Range(-5, 6).Select(day => new Sample(0, T0 + (day * Day), day))]));
        await Database.ExecuteAsync("CREATE TABLE datalayer.mine PARTITION OF datalayer.sample FOR VALUES FROM ('2001-01-01') TO ('2001-01-02'); CREATE TABLE datalayer.sample_p20010101 ()");
        Assert.Equal("dropped sample_p20260224, dropped sample_p20260225, dropped sample_p20260226", await engine.ExpireAsync(TestContext.Current.CancellationToken));
        Assert.Null(await engine.ExpireAsync(TestContext.Current.CancellationToken));
        _model.Remove(sample => sample.Time < T0 - (2 * Day));
        PostgresDatabase.AssertMatches(engine, _model, SeriesCount);
        Assert.Equal(2L, await Database.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname IN ('mine', 'sample_p20010101')"));
        Assert.Equal(2L, await Database.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname IN ('sample_p20260302', 'sample_p20260303')"));
        using var snapshot = engine.Snapshot();
        Assert.Equal(T0 - (2 * Day), snapshot.RawFromMicros);
    }

    [Fact]
    public async Task ExpireAsync_partition_that_is_being_read_stays_until_later()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddTicks(T0 * 10));
        var engine = await OpenAsync(retention: TimeSpan.FromDays(2), time: time);
        await PostgresDatabase.WriteAsync(engine, _model.Next(new Sample(0, T0 - (5 * Day), 1)));
        using (var snapshot = engine.Snapshot())
        {
            EngineModel.AssertSame(_model.Samples, EngineModel.ReadAll(snapshot, [0]));
            Assert.Contains("being read", await engine.ExpireAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
            EngineModel.AssertSame(_model.Samples, EngineModel.ReadAll(snapshot, [0]));
        }

        Assert.Equal("dropped sample_p20260224", await engine.ExpireAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Statements_are_named_in_pg_stat_statements()
    {
        await Database.ExecuteAsync("CREATE EXTENSION pg_stat_statements");
        var engine = await OpenAsync();
        await PostgresDatabase.WriteAsync(engine, _model.Next(new Sample(0, T0, 1)));
        await PostgresDatabase.WriteAsync(engine, _model.Next(new Sample(0, T0, 2)));
        PostgresDatabase.AssertMatches(engine, _model, SeriesCount);
        var rows = await Database.QueryAsync("SELECT DISTINCT (regexp_match(query, '/\\* datalayer:(\\S+)'))[1] FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND query LIKE '%/* datalayer:%'");
        var names = rows.Select(row => (string)row[0]!).ToHashSet();
        Assert.Superset(new HashSet<string> { "lock", "move", "series", "merge", "samples", "rollups", "latest", "snapshot" }, names);
    }

    private async Task<PostgresEngine> OpenAsync(Dictionary<string, string>? settings = null, TimeSpan? retention = null, TimeProvider? time = null, string source = "s")
    {
        var engine = Create(settings, retention, time, source);
        await engine.OpenAsync(TestContext.Current.CancellationToken);
        return engine;
    }

    private PostgresEngine Create(Dictionary<string, string>? settings = null, TimeSpan? retention = null, TimeProvider? time = null, string source = "s") =>
        Keep(fixture.Create(_name, (ISeriesCatalog)new MemoryCatalog(SeriesCount), settings, retention, time, source));

    private PostgresEngine Keep(PostgresEngine engine)
    {
        _engines.Add(engine);
        return engine;
    }

    /// <summary>A series for each value of one label.</summary>
    private sealed class LabelCatalog(params string[] values) : ISeriesCatalog
    {
        private readonly byte[][] _keys = [.. values.Select(value => SeriesKey.Of("m", [new("label", value)]))];

        public int Count => _keys.Length;

        public ReadOnlySpan<byte> KeyOf(int series) => _keys[series];

        public int MetricOf(int series) => 0;

        public int[] Select(string? name, IReadOnlyList<KeyValuePair<string, string>> labels) => throw new NotSupportedException();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var engine in _engines) await engine.DisposeAsync();
    }
}
