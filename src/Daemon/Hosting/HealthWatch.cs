using DataLayer.Engines;
using DataLayer.Engines.Feed;

namespace DataLayer.Daemon.Hosting;

/// <summary>
/// Says in the daemon's log what storage or an engine refuses: at once when it begins, every minute while it lasts, and when it is over.
/// Owned by <see cref="DaemonRun"/>, which runs it as one worker.
/// </summary>
internal sealed class HealthWatch(DaemonNode node, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RepeatedEvery = TimeSpan.FromMinutes(1);

    private readonly Part[] _parts =
    [
        new("the log", () => node.Pipeline.LogFailure, () => node.Pipeline.LogFailures),
        new("the lake's flush", () => DetailOf(node.Flusher.Health), () => node.Flusher.Failures),
        new("the lake's maintenance", () => DetailOf(node.Maintenance.Health), () => node.Maintenance.Failures),
    ];

    private readonly Dictionary<string, Part> _engines = [];
    private int _quarantined;

    public async Task RunAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(cancellation))
        {
            foreach (var part in _parts) Look(part);
            foreach (var (feeder, _) in node.Feeds.All) Look(PartOf(feeder));
            LookAside();
        }
    }

    private void LookAside()
    {
        var aside = node.Lake.Quarantined;
        if (aside.Count > _quarantined) Log.FilesQuarantined(logger, aside.Count, string.Join(", ", aside.Take(10)));
        _quarantined = aside.Count;
    }

    private void Look(Part part)
    {
        var (failure, failures) = (part.Failure(), part.Failures());
        if (failure is null)
        {
            // What came and went between two looks is told as well.
            if (failures > part.FailuresSeen) Tell(part, failures - part.FailuresSeen);
            (part.FailuresSeen, part.Said) = (failures, 0);
            return;
        }

        if (part.Said != 0 && part.SaidFeed == part.Feeder?.State && time.GetElapsedTime(part.Said) < RepeatedEvery) return;
        if (part.IsEngine) Log.EngineFails(logger, failure, part.Feeder!.Report.Bug);
        else Log.StorageFails(logger, part.Name, failure);
        (part.Said, part.SaidFeed) = (time.GetTimestamp(), part.Feeder?.State);
    }

    private void Tell(Part part, long failures)
    {
        if (part.IsEngine) Log.EngineRecovered(logger, part.Name, failures);
        else Log.StorageRecovered(logger, part.Name, failures);
    }

    private Part PartOf(EngineFeeder feeder)
    {
        if (!_engines.TryGetValue(feeder.Engine.Name, out var part) || part.Feeder != feeder)
        {
            _engines[feeder.Engine.Name] = part = new Part(feeder.Engine.Name, () => DetailOf(feeder.Report.Health), () => feeder.Report.Gauges.Failures) { Feeder = feeder };
        }

        return part;
    }

    private static string? DetailOf(EngineHealth health) => health.State == EngineState.Healthy ? null : health.Detail;

    private sealed class Part(string name, Func<string?> failure, Func<long> failures)
    {
        public string Name => name;

        public Func<string?> Failure => failure;

        public Func<long> Failures => failures;

        /// <summary>The feeder, where the part is a fed engine.</summary>
        public EngineFeeder? Feeder { get; init; }

        public bool IsEngine => Feeder is not null;

        /// <summary>When the failure was last told; 0: it was not.</summary>
        public long Said { get; set; }

        /// <summary>What the feeder did then: a change is told at once.</summary>
        public FeedState? SaidFeed { get; set; }

        /// <summary>Failures at the last look that found none lasting.</summary>
        public long FailuresSeen { get; set; }
    }
}
