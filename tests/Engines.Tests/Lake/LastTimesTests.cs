using DataLayer.Engines.Lake;

namespace DataLayer.Engines.Tests.Lake;

public sealed class LastTimesTests : IAsyncDisposable
{
    private const long Day = 86_400_000_000L;
    private const long T0 = 1_772_323_200_000_000L;
    private readonly TemporaryFolder _folder = new();
    private readonly LakeEngine _engine;

    public LastTimesTests() =>
        _engine = new LakeEngine(new LakeOptions { Directory = Path.Combine(_folder.Path, "lake") }, new MemoryCatalog(4), TimeProvider.System);

    [Fact]
    public async Task Read_tells_the_last_time_of_each_series()
    {
        await WriteAsync(new(0, T0, 1), new(0, T0 + 5, 2), new(1, T0 + Day, 3), new(3, T0 + 7, 4));
        Assert.Equal([T0 + 5, T0 + Day, long.MinValue, T0 + 7], _engine.ReadLastTimes());
    }

    /// <summary>No rollup shows a NaN, so any series may have one up to the last.</summary>
    [Fact]
    public async Task Read_is_no_lower_than_the_last_sample_that_rollups_leave_out()
    {
        await WriteAsync(new(0, T0, 1), new(0, T0 + 9, double.NaN), new(1, T0 + 5, 2), new(2, T0 + 20, 3));
        Assert.Equal([T0 + 9, T0 + 9, T0 + 20], _engine.ReadLastTimes());
        var again = new LakeEngine(new LakeOptions { Directory = _engine.Directory }, new MemoryCatalog(4), TimeProvider.System);
        await again.OpenAsync(TestContext.Current.CancellationToken);
        Assert.Equal([T0 + 9, T0 + 9, T0 + 20], again.ReadLastTimes());
    }

    [Fact]
    public async Task Read_is_no_lower_than_the_days_it_did_not_read()
    {
        await WriteAsync(new(0, T0, 1), new(1, T0 + 5, 2), new(2, T0 + Day, 3));
        using var snapshot = _engine.Snapshot();
        Assert.Equal([T0 + 5, T0 + 5, T0 + Day], LastTimes.Read(_engine.Context.State.Current, rowsMax: 1));
        Assert.Equal([T0 + Day, T0 + Day, T0 + Day], LastTimes.Read(_engine.Context.State.Current, rowsMax: 0));
    }

    [Fact]
    public async Task Read_of_a_damaged_rollup_takes_the_day_as_not_read()
    {
        await WriteAsync(new(0, T0, 1), new(1, T0 + 5, 2));
        await File.WriteAllTextAsync(_engine.Snapshot().Files.Single(file => file.Kind == LakeFileKind.RollupHour).Path, "damaged", TestContext.Current.CancellationToken);
        Assert.Equal([T0 + 5, T0 + 5], _engine.ReadLastTimes());
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        _folder.Dispose();
    }

    private async Task WriteAsync(params Sample[] batch)
    {
        await _engine.OpenAsync(TestContext.Current.CancellationToken);
        await _engine.WriteAsync(new EngineModel().Next(batch), TestContext.Current.CancellationToken);
    }
}
