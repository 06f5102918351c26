using System.Collections.Immutable;
using DataLayer.Engines.Lake;
using DataLayer.Ingest.Series;

namespace DataLayer.Engines.Feed;

/// <summary>
/// All fed engines of a daemon: starts a feeder for each that is configured, follows changes of the configuration, watches that a dead one does not fill the log.
/// Owned by the daemon; safe from any thread.
/// </summary>
/// <param name="create">Makes the engine of a configuration entry, not open yet. Throws <see cref="EngineException"/> for what no engine can be made of.</param>
/// <param name="deadLetters">The folder for samples that engines refuse.</param>
public sealed class EngineFeeds(
    ILogSource log, LogKeeper keeper, FeedRegister register, LakeEngine lake, ISeriesCatalog catalog, Func<EngineOptions, EngineContext, IFedEngine> create, string deadLetters, TimeProvider time) : IAsyncDisposable
{
    /// <summary>Past this share of its budget the log lets go of engines that are configured so: before the daemon refuses data.</summary>
    private const double FullShare = 0.9;

    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _changing = new(1, 1);

    // Replaced as a whole by the holder of _changing.
    private ImmutableArray<RunningFeed> _feeds = [];

    /// <summary>The feeders and the kinds of their engines, in the order of the configuration.</summary>
    public IReadOnlyList<(EngineFeeder Feeder, string Kind)> All => [.. _feeds.Select(feed => (feed.Feeder, feed.Spec.Engine.Kind))];

    public EngineFeeder? Find(string name) => _feeds.FirstOrDefault(feed => feed.Feeder.Engine.Name == name)?.Feeder;

    /// <summary>
    /// Makes the feeds those of the configuration: new ones start, those that are gone or have changed end (and start anew). Before the lake lets go of the log for the first time, so that
    /// nothing is released that an engine may need. Returns what was done, one line each. Throws <see cref="EngineException"/>, and changes nothing then, when an engine cannot be made.
    /// </summary>
    public async Task<IReadOnlyList<string>> ApplyAsync(IReadOnlyList<EngineSpec> specs)
    {
        ArgumentNullException.ThrowIfNull(specs);
        await _changing.WaitAsync();
        try
        {
            var kept = _feeds.Where(feed => specs.Any(spec => spec.Fingerprint == feed.Spec.Fingerprint)).ToList();
            var made = specs.Where(spec => kept.TrueForAll(feed => feed.Spec.Fingerprint != spec.Fingerprint)).Select(spec => (Spec: spec, Engine: create(spec.Engine, new EngineContext(register.Source, catalog, time)))).ToList();
            var done = new List<string>();
            foreach (var gone in _feeds.Where(feed => !kept.Contains(feed)))
            {
                await gone.EndAsync();
                if (specs.All(spec => spec.Engine.Name != gone.Feeder.Engine.Name)) done.Add(Forget(gone.Feeder.Engine.Name));
            }

            foreach (var name in register.Names.Where(name => specs.All(spec => spec.Engine.Name != name))) done.Add(Forget(name));
            foreach (var (spec, engine) in made)
            {
                kept.Add(RunningFeed.Start(spec, new EngineFeeder(engine, spec.Feed, ContextOf(spec))));
                done.Add($"{spec.Engine.Name}: is fed ({spec.Engine.Kind})");
            }

            _feeds = [.. specs.Select(spec => kept.Find(feed => feed.Spec.Fingerprint == spec.Fingerprint)!)];
            return done;
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Watches the log's budget and remembers positions, until cancelled.</summary>
    public async Task WatchAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(WatchInterval, time);
        while (await timer.WaitForNextTickAsync(cancellation))
        {
            try
            {
                await LetGoAsync();
                register.Save();
            }
            catch (EngineException)
            {
                // The disk refuses: told by the log, which cannot write either. Positions on disk are lower bounds meanwhile.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _changing.WaitAsync();
        try
        {
            foreach (var feed in _feeds) await feed.EndAsync();
            _feeds = [];
            register.Save();
        }
        catch (EngineException)
        {
            // As above.
        }
        finally
        {
            _changing.Release();
            _changing.Dispose();
        }
    }

    /// <summary>The log is nearly full: whoever stands furthest back and is configured so is let go.</summary>
    private async Task LetGoAsync()
    {
        var (bytes, max) = log.Budget;
        if (bytes < max * FullShare || keeper.Slowest is not { } slowest || Find(slowest.Reader) is not { Options.DetachesWhenFull: true } feeder) return;
        if (slowest.Position >= lake.Position) return; // It is the lake that the log is kept for.
        if (feeder.State == FeedState.Detached) return;
        await feeder.DetachAsync();
        keeper.Release();
    }

    private string Forget(string name)
    {
        keeper.Drop(name);
        register.Remove(name);
        return $"{name}: is not fed any more; what it holds stays";
    }

    private FeedContext ContextOf(EngineSpec spec) =>
        new(log, keeper, register, catalog, new DeadLetters(deadLetters, spec.Engine.Name, catalog), lake.Snapshot, time);

    private sealed record RunningFeed(EngineSpec Spec, EngineFeeder Feeder, Task Work, CancellationTokenSource Stop)
    {
        public static RunningFeed Start(EngineSpec spec, EngineFeeder feeder)
        {
            var stop = new CancellationTokenSource();
            return new RunningFeed(spec, feeder, Task.Run(() => feeder.RunAsync(stop.Token)), stop);
        }

        public async Task EndAsync()
        {
            await Stop.CancelAsync();
            await Work;
            await Feeder.DisposeAsync();
            Stop.Dispose();
        }
    }
}
