namespace DataLayer.Engines.Feed;

/// <summary>What a feeder tells the world of its engine: health, counts, lag. Written by the feeder, read by any thread.</summary>
public sealed class FeedReport(string engine, LogKeeper keeper, FeedRegister register, ILogSource log, TimeProvider time)
{
    private volatile EngineHealth _health = new(EngineState.Degraded, $"{engine}: not connected yet");
    private volatile string _doing = "";

    public EngineHealth Health => _health;

    /// <summary>What is going on beside the usual, for people: "rebuilding, 40 % of …"; empty: nothing.</summary>
    public string Doing => _doing;

    /// <summary>What went wrong on our side at the last failure: for the log, with its trace. Null: it was the world's.</summary>
    public Exception? Bug { get; private set; }

    public FeedGauges Gauges { get; } = new(time);

    public FeedLag Lag { get; } = new(log, time);

    internal void OnWritten(long position, long samples, TimeSpan took)
    {
        Gauges.OnWritten(samples, took);
        keeper.Hold(engine, position);
        register.Remember(engine, new FeedEntry(FeedState.Running, position));
        _health = EngineHealth.Healthy;
    }

    internal void OnFailed(Exception error)
    {
        Bug = error is EngineException or Ingest.Log.LogException ? null : error;
        var text = Bug is null ? error.Message : $"a fault of ours, please report it: {error.GetType().Name}: {error.Message}";
        Gauges.OnFailed(text);
        var state = error is EngineException { IsTransient: true } ? EngineState.Degraded : EngineState.Failed;
        _health = new EngineHealth(state, $"{engine}: {text}; tried again, the log keeps what it has not got");
    }

    internal void Say(EngineState state, string text) => _health = new EngineHealth(state, text);

    internal void SayHealthy() => _health = EngineHealth.Healthy;

    internal void Do(string text) => _doing = text;
}
