using DataLayer.Engines.Lake;

namespace DataLayer.Engines.Tests.Lake;

public sealed class LakeViewsTests : IAsyncDisposable
{
    private const string AllSamples = "SELECT series, epoch_us(time), value, quality FROM lake_samples ORDER BY series, time";
    private const string AllRollups = "SELECT series, epoch_us(time), count, sum, min, max, epoch_us(first_time), first, epoch_us(last_time), last FROM {0} ORDER BY series, time";
    private const long T0 = 1_772_359_200_000_000L;
    private readonly TemporaryFolder _folder = new();
    private readonly LakeEngine _engine;

    public LakeViewsTests() =>
        _engine = new LakeEngine(new LakeOptions { Directory = Path.Combine(_folder.Path, "it's a lake") }, new MemoryCatalog(4), TimeProvider.System);

    [Fact]
    public async Task Sql_empty_lake_has_empty_views()
    {
        await _engine.OpenAsync(TestContext.Current.CancellationToken);
        using var snapshot = _engine.Snapshot();
        foreach (var view in new[] { "lake_samples", "lake_series", "lake_rollup_1m", "lake_rollup_1h" })
        {
            Assert.Empty(DuckDb.Query(LakeViews.Sql(snapshot), $"SELECT * FROM {view}"));
        }
    }

    [Fact]
    public async Task Sql_late_samples_each_once_and_the_later_wins()
    {
        var model = await WriteAsync();
        using var snapshot = _engine.Snapshot();
        Assert.Contains(snapshot.Files, file => file.IsLate);
        EngineModel.AssertSame(model.Samples, DuckDb.Samples(LakeViews.Sql(snapshot), AllSamples));
    }

    [Fact]
    public async Task Sql_rollups_are_those_of_the_samples()
    {
        var model = await WriteAsync();
        using var snapshot = _engine.Snapshot();
        foreach (var (resolution, view) in new[] { (Resolution.Minute, "lake_rollup_1m"), (Resolution.Hour, "lake_rollup_1h") })
        {
            var rows = DuckDb.Query(LakeViews.Sql(snapshot), AllRollups.Replace("{0}", view));
            Assert.Equal(model.Rollups(resolution), rows.Select(row => ((int)row[0]!, new RollupBucket(
                (long)row[1]!, (long)row[2]!, (double)row[3]!, (double)row[4]!, (double)row[5]!, (long)row[6]!, (double)row[7]!, (long)row[8]!, (double)row[9]!, null))));
        }
    }

    [Fact]
    public async Task Sql_series_have_names_and_labels()
    {
        await WriteAsync();
        using var snapshot = _engine.Snapshot();
        var rows = DuckDb.Query(LakeViews.Sql(snapshot), "SELECT series, name, labels['host'], labels['zone'], cardinality(labels)::INTEGER FROM lake_series ORDER BY series");
        Assert.Equal(
            [[0, "m0", null, null, 0], [1, "m1", "h1", "ü", 2], [2, "m2", null, null, 0], [3, "m3", "h3", "ü", 2]],
            rows);
    }

    private async Task<EngineModel> WriteAsync()
    {
        await _engine.OpenAsync(TestContext.Current.CancellationToken);
        var model = new EngineModel();
        var stale = BitConverter.Int64BitsToDouble(0x7FF0000000000002);
        foreach (var batch in new[]
        {
            model.Next([.. Enumerable.Range(0, 400).Select(at => new Sample(at % 4, T0 + (at * 30_000_000L), at % 4 == 3 ? at / 3.0 > 50 ? stale : 0.5 : at / 4.0))]),
            model.Next(new Sample(2, T0, 7), new Sample(2, T0 + 60_000_000, -0.0), new Sample(2, T0 + 5, 9.5, 0.25f), new Sample(3, T0 + 100_000_000_000, 1)),
            model.Next(new Sample(2, T0, 8), new Sample(2, T0 + 60_000_000, double.NaN)),
        })
        {
            await _engine.WriteAsync(batch, TestContext.Current.CancellationToken);
        }

        return model;
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        _folder.Dispose();
    }
}
