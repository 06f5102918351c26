using DataLayer.Ingest.Series;

namespace DataLayer.Engines.Tests;

/// <summary>What every engine must do; one class per engine inherits this.</summary>
public abstract class EngineContract : IAsyncLifetime
{
    private protected const int SeriesCount = 8;
    private protected const long Hour = 3_600_000_000L;
    private protected const long Second = 1_000_000L;

    // 2026-03-01T10:00:00Z
    private protected const long T0 = 1_772_359_200_000_000L;

    private protected static readonly int[] AllSeries = [.. Enumerable.Range(0, SeriesCount)];

    private IEngine _engine = null!;

    private protected IEngine Engine => _engine;

    /// <summary>An engine on the same store as the one before in this test, not open yet.</summary>
    private protected abstract IEngine Create(ISeriesCatalog catalog);

    public virtual async ValueTask InitializeAsync() => await OpenAsync();

    private protected async Task ReopenAsync()
    {
        await _engine.DisposeAsync();
        await OpenAsync();
    }

    private protected async Task OpenAsync()
    {
        _engine = Create(new MemoryCatalog(SeriesCount));
        await _engine.OpenAsync(TestContext.Current.CancellationToken);
    }

    private protected ValueTask WriteAsync(MemorySource batch) => _engine.WriteAsync(batch, TestContext.Current.CancellationToken);

    private protected void AssertMatches(EngineModel model)
    {
        using var snapshot = _engine.Snapshot();
        model.AssertMatches(snapshot, SeriesCount, _engine.Capabilities.HasFlag(EngineCapabilities.Rollups), KeepsRaw);
    }

    /// <summary>Without it the engine keeps of each series the last sample alone (<see cref="EngineCapabilities.Latest"/>), and is held to that.</summary>
    private bool KeepsRaw => _engine.Capabilities.HasFlag(EngineCapabilities.Raw);

    /// <summary>All samples of the model are read back, or the last of each series where the engine keeps no others.</summary>
    private void AssertSamples(EngineModel model)
    {
        using var snapshot = _engine.Snapshot();
        if (KeepsRaw) EngineModel.AssertSame(model.Samples, EngineModel.ReadAll(snapshot, AllSeries));
        else model.AssertLatest(snapshot, AllSeries);
    }

    [Fact]
    public void Position_empty_is_zero()
    {
        Assert.Equal(0, _engine.Position);
        AssertMatches(new EngineModel());
    }

    [Fact]
    public async Task WriteAsync_batch_is_read_back_bit_for_bit()
    {
        var model = new EngineModel();
        double[] odd = [0.1, -0.0, 0.0, double.NaN, BitConverter.Int64BitsToDouble(0x7FF0000000000002), double.PositiveInfinity, double.Epsilon, 1e300, 1 / 3.0, -12.34, 9007199254740993];
        await WriteAsync(model.Next([.. odd.Select((value, at) => new Sample(at % 3, T0 + at, value, at % 4 == 0 ? 0.5f : 1f))]));
        AssertSamples(model);
    }

    [Fact]
    public async Task WriteAsync_same_batch_again_changes_nothing()
    {
        var model = new EngineModel();
        var batch = model.Next(new Sample(1, T0, 1), new Sample(2, T0 + 1, 2));
        await WriteAsync(batch);
        await WriteAsync(batch);
        AssertMatches(model);
        await ReopenAsync();
        await WriteAsync(batch);
        AssertMatches(model);
    }

    [Fact]
    public async Task Position_survives_reopening()
    {
        var model = new EngineModel();
        await WriteAsync(model.Next(new Sample(0, T0, 1)));
        await WriteAsync(model.Next(new Sample(0, T0 + 1, 2)));
        await ReopenAsync();
        Assert.Equal(model.Position, _engine.Position);
        AssertMatches(model);
    }

    [Fact]
    public async Task WriteAsync_late_and_duplicate_samples_the_later_arrival_wins()
    {
        var model = new EngineModel();
        await WriteAsync(model.Next(new Sample(1, T0, 1), new Sample(1, T0 + (30 * Second), 3), new Sample(1, T0 + (90 * Second), 4)));
        await WriteAsync(model.Next(new Sample(1, T0, 10), new Sample(1, T0 + (15 * Second), 2), new Sample(1, T0 + (91 * Second), 5), new Sample(1, T0, 11)));
        AssertMatches(model);
        await WriteAsync(model.Next(new Sample(1, T0, 100), new Sample(1, T0 + (30 * Second), double.NaN)));
        AssertMatches(model);
    }

    [Fact]
    public async Task WriteAsync_batch_over_many_hours_and_before_1970_is_read_back()
    {
        var model = new EngineModel();
        await WriteAsync(model.Next([.. Enumerable.Range(-200, 400).Select(hour => new Sample(hour & 7, (hour * Hour) - 1, hour))]));
        AssertMatches(model);
    }

    [Fact]
    public async Task WriteAsync_extreme_times_are_kept()
    {
        var model = new EngineModel();
        var (least, greatest) = _engine is IFedEngine fed ? (fed.MinTimeMicros, fed.MaxTimeMicros) : (long.MinValue, long.MaxValue - 1);
        await WriteAsync(model.Next(new Sample(0, least, 1), new Sample(0, 0, 2), new Sample(0, greatest, 3)));
        AssertSamples(model);
    }

    [Fact]
    public async Task ReadSamples_range_is_half_open_and_only_of_the_series_asked_for()
    {
        if (!KeepsRaw) return;
        var model = new EngineModel();
        await WriteAsync(model.Next([.. Enumerable.Range(0, 100).Select(at => new Sample(at % SeriesCount, T0 + (at * 600 * Second), at))]));
        using var snapshot = _engine.Snapshot();
        int[] wanted = [1, 4, 7];
        foreach (var (start, end) in new[] { (T0, T0 + Hour), (T0 + (600 * Second), T0 + (600 * Second)), (T0 + (600 * Second), T0 + (600 * Second) + 1), (long.MinValue, T0), (T0 + (9 * Hour), long.MaxValue) })
        {
            EngineModel.AssertSame(model.Read(wanted, start, end), EngineModel.ReadAll(snapshot, wanted, start, end));
        }

        Assert.Empty(EngineModel.ReadAll(snapshot, []));
    }

    [Fact]
    public async Task Snapshot_later_writes_do_not_change_it()
    {
        if (!_engine.Capabilities.HasFlag(EngineCapabilities.StableReads)) return;
        var model = new EngineModel();
        await WriteAsync(model.Next(new Sample(0, T0, 1), new Sample(1, T0, 1)));
        using var snapshot = _engine.Snapshot();
        var before = model.Samples.ToList();
        await WriteAsync(model.Next(new Sample(0, T0, 2), new Sample(1, T0 + 1, 2)));
        EngineModel.AssertSame(before, EngineModel.ReadAll(snapshot, AllSeries));
        AssertMatches(model);
    }

    [Fact]
    public async Task ReadRollups_leave_out_stale_markers_and_nan()
    {
        if (!_engine.Capabilities.HasFlag(EngineCapabilities.Rollups)) return;
        var model = new EngineModel();
        var stale = BitConverter.Int64BitsToDouble(0x7FF0000000000002);
        await WriteAsync(model.Next(new Sample(0, T0, stale), new Sample(0, T0 + 1, 5), new Sample(0, T0 + 2, double.NaN), new Sample(1, T0, stale)));
        AssertMatches(model);
        await WriteAsync(model.Next(new Sample(0, T0 + 1, stale)));
        AssertMatches(model);
    }

    public virtual async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
