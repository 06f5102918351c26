using System.Net;
using DataLayer.Daemon.Options;
using DataLayer.Daemon.Udp;
using DataLayer.Engines;
using DataLayer.Engines.Feed;
using DataLayer.Engines.Lake;
using DataLayer.Ingest;
using DataLayer.Ingest.Log;
using DataLayer.Ingest.Sessions;
using DataLayer.Query;
using DataLayer.Query.Sql;

namespace DataLayer.Daemon.Hosting;

/// <summary>
/// All that one daemon owns beside its listeners: data folder, log, pipeline, lake, queries. Opened in that order in the background
/// while HTTP already answers; closed in the reverse order. One per process.
/// </summary>
internal sealed class DaemonNode(DaemonOptions options, DataFolder folder, TimeProvider time, ILogger<DaemonNode> logger)
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _started = time.GetTimestamp();
    private volatile NodeState _state = NodeState.Recovering;

    public DaemonOptions Options => options;

    public DataFolder Folder => folder;

    public NodeState State => _state;

    public TimeSpan Uptime => time.GetElapsedTime(_started);

    /// <summary>How long the opening took; zero until then.</summary>
    public TimeSpan OpenedIn { get; private set; }

    /// <summary>Completes when data can be taken and queries answered; fails when they never will.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Why the daemon takes no data or answers no queries now; null when it does both.</summary>
    public string? NotReady => State switch
    {
        NodeState.Recovering => "recovering: the log is being read",
        NodeState.Stopping => "stopping",
        NodeState.Failed => "failed",
        _ when Pipeline.LogFailure is { } failure => $"storage is failing: {failure}",
        _ => null,
    };

    // What follows is there once Ready has completed.

    public IngestStore Store { get; private set; } = null!;

    public IngestPipeline Pipeline { get; private set; } = null!;

    public LakeEngine Lake { get; private set; } = null!;

    /// <summary>Moves the hot store to the lake.</summary>
    public LakeFlusher Flusher { get; private set; } = null!;

    public LakeMaintenance Maintenance { get; private set; } = null!;

    /// <summary>The engines beside the lake.</summary>
    public EngineFeeds Feeds { get; private set; } = null!;

    public SessionHost Sessions { get; private set; } = null!;

    public QueryService Queries { get; private set; } = null!;

    public SqlService Sql { get; private set; } = null!;

    /// <summary>Null where datagrams are not taken.</summary>
    public UdpListener? Udp { get; private set; }

    /// <summary>Opens everything, in the background; <see cref="Ready"/> tells the outcome. Called once. Throws <see cref="StartException"/>.</summary>
    public async Task OpenAsync(IPEndPoint ingest, CancellationToken cancellation)
    {
        try
        {
            await Task.Run(() => OpenStoresAsync(cancellation), cancellation);
            if (options.Udp.Enabled)
            {
                Udp = new UdpListener(ingest, options.Udp, Sessions, logger);
                Udp.Start();
            }

            OpenedIn = Uptime;
            _state = NodeState.Ready;
            _ready.SetResult();
        }
        catch (Exception error)
        {
            _state = NodeState.Failed;
            _ready.SetException(error);
            if (error is LogException or EngineException) throw new StartException(error.Message, error);
            throw;
        }
    }

    /// <summary>From now on nothing new is taken: datagrams that have arrived are still taken, HTTP and TCP are told.</summary>
    public void BeginStop()
    {
        if (_state == NodeState.Ready) _state = NodeState.Stopping;
        Udp?.Dispose();
    }

    /// <summary>Finishes what is in flight, flushes the lake within the time there is, closes. Says how it went.</summary>
    public async Task<string> CloseAsync()
    {
        Queries?.Dispose();
        if (Sql is not null) await Sql.DisposeAsync();
        var flushed = Flusher is not null && await FlushAsync();
        Flusher?.Dispose();
        if (Feeds is not null) await Feeds.DisposeAsync();
        if (Pipeline is not null) await Pipeline.DisposeAsync();
        if (Lake is not null) await Lake.DisposeAsync();
        folder.Dispose();
        return flushed ? "all samples are in the lake" : "all samples are on disk, in the log";
    }

    /// <summary>The last flush. It may fail or take too long without harm: what the lake does not hold is in the log.</summary>
    private async Task<bool> FlushAsync()
    {
        using var patience = new CancellationTokenSource(options.StopTimeout, time);
        try
        {
            await Flusher.FlushAsync(patience.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            Log.FlushUnfinished(logger, options.StopTimeout.TotalSeconds);
        }
        catch (Exception error)
        {
            Log.LastFlushFailed(logger, error);
        }

        return false;
    }

    private async Task OpenStoresAsync(CancellationToken cancellation)
    {
        Store = IngestStore.Load(ComponentOptions.Ingest(options, folder.Path));
        Lake = new LakeEngine(ComponentOptions.Lake(options, folder.Path), Store.Registry, time);
        await Lake.OpenAsync(cancellation);
        Pipeline = Store.Start(Lake.Position, Lake.ReadLastTimes(), time);
        var token = options.Tcp.Token;
        Sessions = new SessionHost(
            Pipeline, Store.Agents, ComponentOptions.Sessions(options), options.Limits.SeriesPerAgent, time, token.Length == 0 ? null : (_, given) => TokenEquals(token, given));
        var keeper = new LogKeeper(Pipeline.ReleaseLog);
        Flusher = new LakeFlusher(Lake, new PipelineGenerations(Pipeline, keeper), ComponentOptions.Flusher(options), time);
        Feeds = new EngineFeeds(
            new PipelineLog(Store, Pipeline, options.Log.MaxBytes), keeper, FeedRegister.Open(folder.Path), Lake, Store.Registry, EngineKinds.Create, Path.Combine(folder.Path, "dead-letters"), time);
        foreach (var done in await Feeds.ApplyAsync(options.Engines)) Log.EngineChanged(logger, done);
        Maintenance = new LakeMaintenance(Lake);
        Queries = new QueryService(Pipeline, Lake, ComponentOptions.Queries(options), time, new FedEngines(Feeds));
        Sql = new SqlService(Pipeline, Lake, ComponentOptions.Sql(options));
    }

    /// <summary>In a time that does not tell how much of the token was right.</summary>
    private static bool TokenEquals(string expected, string given) =>
        System.Security.Cryptography.CryptographicOperations.FixedTimeEquals(System.Text.Encoding.UTF8.GetBytes(expected), System.Text.Encoding.UTF8.GetBytes(given));
}
