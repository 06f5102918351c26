using DataLayer.Engines.Postgres;

namespace DataLayer.Engines.Tests.Postgres;

[Collection(PostgresCollection.Name)]
public sealed class PostgresSnapshotTests(PostgresFixture fixture) : IAsyncLifetime
{
    private const int SeriesCount = 8;
    private const long T0 = 1_772_359_200_000_000L;

    private readonly EngineModel _model = new();
    private readonly PostgresEngine _engine = fixture.Create(fixture.NewDatabase(), new MemoryCatalog(SeriesCount));

    public async ValueTask InitializeAsync()
    {
        await _engine.OpenAsync(TestContext.Current.CancellationToken);
        await PostgresDatabase.WriteAsync(_engine, _model.Next([.. Enumerable.Range(0, 40_000).Select(at => new Sample(at % SeriesCount, T0 + (at * 1000L), at))]));
    }

    [Fact]
    public async Task ReadSamples_by_more_threads_than_connections_see_one_snapshot()
    {
        var before = _model.Samples.ToList();
        using var snapshot = _engine.Snapshot();
        await PostgresDatabase.WriteAsync(_engine, _model.Next([.. Enumerable.Range(0, SeriesCount).Select(series => new Sample(series, T0 + 1, -1))]));
        var parts = await Task.WhenAll(Enumerable.Range(0, SeriesCount).Select(series => Task.Run(() => EngineModel.ReadAll(snapshot, [series]))));
        EngineModel.AssertSame(before, parts.SelectMany(part => part).OrderBy(sample => sample.Series));
        Assert.InRange(_engine.Pool.InUse, 1, _engine.Pool.Max);
    }

    [Fact]
    public void ReadSamples_left_before_its_end_leaves_the_snapshot_good()
    {
        using var snapshot = _engine.Snapshot();
        for (var time = 0; time < 3; time++)
        {
            Assert.Equal(0, snapshot.ReadSamples([0, 1, 2, 3], T0, long.MaxValue, TestContext.Current.CancellationToken).First().Series);
        }

        _model.AssertMatches(snapshot, SeriesCount);
    }

    [Fact]
    public void ReadSamples_cancelled_throws_so_and_leaves_the_snapshot_good()
    {
        using var snapshot = _engine.Snapshot();
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            foreach (var columns in snapshot.ReadSamples([0, 1, 2, 3], T0, long.MaxValue, stop.Token))
            {
                stop.Cancel();
                Assert.Empty(snapshot.ReadSamples([0], T0, long.MaxValue, stop.Token));
            }
        });
        _model.AssertMatches(snapshot, SeriesCount);
    }

    [Fact]
    public async Task ReadRollups_sum_beyond_doubles_is_infinite_as_in_the_lake()
    {
        await PostgresDatabase.WriteAsync(_engine, _model.Next(new Sample(3, T0 + 60_000_000_000, 1.7e308), new Sample(3, T0 + 60_000_000_001, 1.7e308)));
        PostgresDatabase.AssertMatches(_engine, _model, SeriesCount);
    }

    [Theory]
    [InlineData(RollupFields.None)]
    [InlineData(RollupFields.Sum)]
    [InlineData(RollupFields.MinMax)]
    [InlineData(RollupFields.FirstLast)]
    [InlineData(RollupFields.Sum | RollupFields.FirstLast)]
    public void ReadRollups_some_fields_are_those_of_all(RollupFields fields)
    {
        using var snapshot = _engine.Snapshot();
        var buckets = snapshot.ReadRollups(Resolution.Minute, [1, 2], T0 + 1, long.MaxValue, fields, TestContext.Current.CancellationToken).ToList();
        var expected = _model.Rollups(Resolution.Minute).Where(row => row.Series is 1 or 2 && row.Bucket.Start > T0).Select(row => row.Bucket with
        {
            Sum = fields.HasFlag(RollupFields.Sum) ? row.Bucket.Sum : 0,
            Min = fields.HasFlag(RollupFields.MinMax) ? row.Bucket.Min : 0,
            Max = fields.HasFlag(RollupFields.MinMax) ? row.Bucket.Max : 0,
            First = fields.HasFlag(RollupFields.FirstLast) ? row.Bucket.First : 0,
            FirstTime = fields.HasFlag(RollupFields.FirstLast) ? row.Bucket.FirstTime : 0,
            Last = fields.HasFlag(RollupFields.FirstLast) ? row.Bucket.Last : 0,
            LastTime = fields.HasFlag(RollupFields.FirstLast) ? row.Bucket.LastTime : 0,
        });
        Assert.Equal(expected, buckets.SelectMany(EngineModel.BucketsOf));
    }

    [Fact]
    public async Task Snapshot_all_connections_in_use_is_said_and_one_free_again_is_taken()
    {
        var held = Enumerable.Range(0, _engine.Pool.Max - 1).Select(_ => _engine.Snapshot()).ToList();
        var waiting = Task.Run(() => _engine.Snapshot());
        held[0].Dispose();
        using (var snapshot = await waiting) _model.AssertMatches(snapshot, SeriesCount);
        foreach (var snapshot in held) snapshot.Dispose();
        Assert.Equal(0, _engine.Pool.InUse);
    }

    public ValueTask DisposeAsync() => _engine.DisposeAsync();
}
