using DataLayer.Engines.Redis;

namespace DataLayer.Engines.Tests.Redis;

/// <summary>What the feeder does, with a log in memory: batch after batch from where the engine stands, again and again until it has them.</summary>
internal sealed class RedisLog(int series)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly List<MemorySource> _batches = [];

    public EngineModel Model { get; } = new();

    /// <summary>A further batch, and all that the engine does not have yet.</summary>
    public async Task WriteNextAsync(RedisEngine engine)
    {
        _batches.Add(RedisFaultTests.Batch(Model, series));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        for (var isOpen = true; engine.Position < Model.Position;)
        {
            try
            {
                if (!isOpen) await engine.OpenAsync(patience.Token);
                isOpen = true;
                if (_batches.Find(batch => batch.EndLsn > engine.Position) is { } next) await engine.WriteAsync(next, patience.Token);
            }
            catch (EngineException fault) when (fault.IsTransient)
            {
                isOpen = false;
                await Task.Delay(20, patience.Token);
            }
        }
    }

    /// <summary>Whoever opens the store anew finds exactly what was acked.</summary>
    public async Task AssertStoredAsync(Func<RedisEngine> open)
    {
        await using var reader = open();
        await reader.OpenAsync(TestContext.Current.CancellationToken);
        using var snapshot = reader.Snapshot();
        Model.AssertMatches(snapshot, series, withRollups: false);
    }
}
