namespace DataLayer.Engines.Tests;

/// <summary>What every engine that is fed from the log must do beside <see cref="EngineContract"/>, each on its real server.</summary>
public abstract class FedEngineContract : EngineContract
{
    /// <summary>Reads of what another daemon would see: the source in the engine's context.</summary>
    private protected const string Source = "3a2f0d3e-6a0c-4d3c-9d52-0f6f2f1c7d11";

    private IFedEngine Fed => (IFedEngine)Engine;

    [Fact]
    public async Task AddAsync_stores_samples_and_leaves_the_position()
    {
        var model = new EngineModel();
        await WriteAsync(model.Next(new Sample(0, T0, 1), new Sample(1, T0, 1)));
        Sample[] older = [new(0, T0 - Hour, 7), new(2, T0, 8)];
        await AddAsync(model.Position, older);
        await AddAsync(model.Position, older);
        model.Apply(model.Position, older);
        AssertMatches(model);
        await ReopenAsync();
        AssertMatches(model);
        await WriteAsync(model.Next(new Sample(0, T0 + 1, 2)));
        AssertMatches(model);
    }

    [Fact]
    public async Task AddAsync_parts_of_a_batch_and_then_its_end_are_the_batch()
    {
        var model = new EngineModel();
        await WriteAsync(model.Next(new Sample(0, T0, 1)));
        Sample[] samples = [new(0, T0 + 1, 2), new(1, T0, 3), new(2, T0, 4)];
        var batch = model.Peek(samples);
        foreach (var part in batch.Split(2)) await Fed.AddAsync(part, TestContext.Current.CancellationToken);
        Assert.Equal(model.Position, Engine.Position);
        await WriteAsync(batch);
        model.Apply(batch.EndLsn, samples);
        AssertMatches(model);
    }

    [Fact]
    public async Task MoveToAsync_back_and_the_same_batches_again_change_nothing()
    {
        var model = new EngineModel();
        MemorySource[] batches = [model.Next(new Sample(0, T0, 1), new Sample(1, T0, 1)), model.Next(new Sample(0, T0, 2), new Sample(0, T0 + Second, 3)), model.Next(new Sample(1, T0, 5))];
        foreach (var batch in batches) await WriteAsync(batch);
        await Fed.MoveToAsync(0, TestContext.Current.CancellationToken);
        Assert.Equal(0, Engine.Position);
        await ReopenAsync();
        Assert.Equal(0, Engine.Position);

        // As after a restart: what the feeder knows of times is what the engine says.
        var again = new EngineModel();
        again.Restart([.. AllSeries.Select(_ => Fed.LastTimeMicros)]);
        await WriteAsync(again.Next(new Sample(0, T0, 1), new Sample(1, T0, 1)));
        await WriteAsync(again.Next(new Sample(0, T0, 2), new Sample(0, T0 + Second, 3)));
        await WriteAsync(again.Next(new Sample(1, T0, 5)));
        AssertMatches(model);
    }

    [Fact]
    public async Task MoveToAsync_forward_is_durable()
    {
        await Fed.MoveToAsync(1234, TestContext.Current.CancellationToken);
        Assert.Equal(1234, Engine.Position);
        await ReopenAsync();
        Assert.Equal(1234, Engine.Position);
    }

    [Fact]
    public async Task LastTimeMicros_is_not_before_any_stored_sample()
    {
        Assert.Equal(long.MinValue, Fed.LastTimeMicros);
        var model = new EngineModel();
        await WriteAsync(model.Next(new Sample(0, T0 + Hour, 1), new Sample(1, T0, 2)));
        await ReopenAsync();
        Assert.True(Fed.LastTimeMicros >= T0 + Hour);
    }

    [Fact]
    public async Task OpenAsync_twice_on_one_store_changes_nothing()
    {
        var model = new EngineModel();
        await WriteAsync(model.Next(new Sample(0, T0, 1)));
        await ReopenAsync();
        await ReopenAsync();
        AssertMatches(model);
        Assert.NotEmpty(await Fed.DescribeAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task WriteAsync_two_writers_at_once_are_refused_or_ordered()
    {
        // One daemon that is started twice, or a partition of the network: the older instance must not move the position back.
        var model = new EngineModel();
        var first = model.Next(new Sample(0, T0, 1));
        var second = model.Next(new Sample(0, T0 + 1, 2));
        await WriteAsync(first);
        await using var other = (IFedEngine)Create(new MemoryCatalog(SeriesCount));
        await other.OpenAsync(TestContext.Current.CancellationToken);
        await other.WriteAsync(second, TestContext.Current.CancellationToken);
        await WriteAsync(second);
        await ReopenAsync();
        AssertMatches(model);
    }

    private ValueTask AddAsync(long endLsn, Sample[] samples) =>
        Fed.AddAsync(new MemorySource(endLsn, endLsn, samples, _ => long.MaxValue), TestContext.Current.CancellationToken);
}
