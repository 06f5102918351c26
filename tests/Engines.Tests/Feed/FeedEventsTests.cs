namespace DataLayer.Engines.Tests.Feed;

/// <summary>Events on their way from the log to an engine that holds them.</summary>
public sealed class FeedEventsTests : IAsyncDisposable
{
    private readonly FeedFixture _fixture = new();
    private readonly ModelEngine _engine = new();

    [Fact]
    public async Task RunAsync_events_reach_the_engine_with_the_samples_beside_them()
    {
        _fixture.Feed(_engine);
        await _fixture.PublishEventsAsync("a", "b");
        await _fixture.PublishAsync((_fixture.Series("s"), FeedFixture.T0, 1));
        await _fixture.PublishEventsAsync("a", "c");
        await _fixture.CaughtUpAsync();
        Assert.Equal(["a", "b", "c"], _engine.Events.Keys.Order());
        _fixture.AssertHolds(_engine);
    }

    [Fact]
    public async Task RunAsync_an_event_that_the_engine_refuses_goes_to_the_dead_letters_and_the_others_are_stored()
    {
        _engine.RefusesEvent = id => id == "bad";
        _fixture.Feed(_engine);
        await _fixture.PublishEventsAsync("a", "bad", "b");
        await _fixture.CaughtUpAsync();
        Assert.Equal(["a", "b"], _engine.Events.Keys.Order());
        Assert.Contains("\"event\":\"bad\"", Assert.Single(_fixture.Feeder.Letters.Newest(10)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RebuildAsync_brings_the_lakes_events_as_well()
    {
        await _fixture.PublishEventsAsync("a", "b");
        await _fixture.Flusher.FlushAsync(TestContext.Current.CancellationToken);
        _fixture.Feed(_engine);
        await _fixture.CaughtUpAsync();
        _engine.Events.Clear();
        await _fixture.Feeder.RebuildAsync();
        await _fixture.CaughtUpAsync();
        Assert.Equal(["a", "b"], _engine.Events.Keys.Order());
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();
}
