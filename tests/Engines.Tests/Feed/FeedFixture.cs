using DataLayer.Engines.Feed;
using DataLayer.Engines.Lake;
using DataLayer.Ingest;
using DataLayer.Protocol;

namespace DataLayer.Engines.Tests.Feed;

/// <summary>A real log, pipeline and lake in a folder of its own, and a feeder on an engine.</summary>
internal sealed class FeedFixture : IAsyncDisposable
{
    public const long T0 = 1_772_359_200_000_000L;

    private readonly TemporaryFolder _folder = new();
    private readonly IngestOptions _options;
    private CancellationTokenSource _stop = new();
    private Task _work = Task.CompletedTask;
    private int _agentCount;

    public FeedFixture(int segmentBytes = 1 << 20, long logBytesMax = 1L << 30)
    {
        _options = new IngestOptions { DataDirectory = _folder.Path, Shards = 1, SegmentBytes = segmentBytes, LogBytesMax = logBytesMax };
        Store = IngestStore.Load(_options);
        Lake = new LakeEngine(new LakeOptions { Directory = Path.Combine(_folder.Path, "lake") }, Store.Registry, TimeProvider.System);
        Lake.OpenAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
        Pipeline = Store.Start(0, [], TimeProvider.System);
        Log = new PipelineLog(Store, Pipeline, logBytesMax);
        Keeper = new LogKeeper(Pipeline.ReleaseLog);
        Register = FeedRegister.Open(_folder.Path);
        Flusher = new LakeFlusher(Lake, new PipelineGenerations(Pipeline, Keeper), new LakeFlusherOptions(), TimeProvider.System);
    }

    public string Folder => _folder.Path;

    public IngestStore Store { get; }

    public IngestPipeline Pipeline { get; }

    public LakeEngine Lake { get; }

    public LakeFlusher Flusher { get; }

    public PipelineLog Log { get; }

    public LogKeeper Keeper { get; }

    public FeedRegister Register { get; private set; }

    public FeedOptions Options { get; set; } = new() { FlushInterval = TimeSpan.FromMilliseconds(1), RetryPause = TimeSpan.FromMilliseconds(1), RetryPauseMax = TimeSpan.FromMilliseconds(5) };

    public EngineFeeder Feeder { get; private set; } = null!;

    /// <summary>What was published, as an engine must hold it.</summary>
    public SortedDictionary<(int Series, long Time), (double Value, float Quality)> Expected { get; } = [];

    public void Feed(IFedEngine engine)
    {
        var context = new FeedContext(Log, Keeper, Register, Store.Registry, new DeadLetters(Path.Combine(Folder, "dead-letters"), engine.Name, Store.Registry), Lake.Snapshot, TimeProvider.System);
        Feeder = new EngineFeeder(engine, Options, context);
        _stop = new CancellationTokenSource();
        _work = Task.Run(() => Feeder.RunAsync(_stop.Token));
    }

    /// <summary>Ends the feeder, as a stop of the daemon does; what it remembers is read anew.</summary>
    public async Task EndAsync()
    {
        await _stop.CancelAsync();
        await _work;
        _stop.Dispose();
        Register.Save();
        Register = FeedRegister.Open(Folder);
    }

    public int Series(string name)
    {
        Store.Registry.GetOrAdd(SeriesKey.Of(name, [new("host", "a")]), ref _agentCount, int.MaxValue, out var series);
        return series;
    }

    /// <summary>One record; returns when it is durable.</summary>
    public async Task PublishAsync(params (int Series, long Time, double Value)[] samples)
    {
        var record = Pipeline.Rent();
        foreach (var (series, time, value) in samples)
        {
            record.AddSample(series, time, value);
            Expected[(series, time)] = (value, 1f);
        }

        await PublishAsync(record);
    }

    /// <summary>One record of events with these ids.</summary>
    public async Task PublishEventsAsync(params string[] ids)
    {
        var record = Pipeline.Rent();
        foreach (var id in ids)
        {
            using var document = new MsgPackWriter();
            document.WriteMapHeader(1);
            document.WriteString("id");
            document.WriteString(id);
            record.AddEvent(T0, System.Text.Encoding.UTF8.GetBytes(id), "deploy"u8, "ci"u8, document.Written);
        }

        await PublishAsync(record);
    }

    private async Task PublishAsync(Ingest.Records.Record record)
    {
        record.Complete(0, 0, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1000);
        long lsn;
        while (!Pipeline.TryPublish(record, out lsn)) await Pipeline.WaitForCapacityAsync(CancellationToken.None);
        await Pipeline.WaitDurableAsync(lsn, TestContext.Current.CancellationToken);
        while (Pipeline.AppliedLsn < lsn) await Task.Yield();
    }

    /// <summary>Until the engine has all that is durable.</summary>
    public Task CaughtUpAsync() => UntilAsync(() => Feeder.Engine.Position == Pipeline.DurableLsn && Feeder.Report.Lag.Records == 0);

    public static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (!condition()) await Task.Delay(2, patience.Token);
    }

    public void AssertHolds(ModelEngine engine, Func<(int Series, long Time), bool>? wanted = null) =>
        Assert.Equal(Expected.Where(pair => wanted?.Invoke(pair.Key) ?? true).Select(pair => (pair.Key.Series, pair.Key.Time, pair.Value.Value, pair.Value.Quality)), engine.Stored);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work;
        Flusher.Dispose();
        await Pipeline.DisposeAsync();
        await Lake.DisposeAsync();
        _folder.Dispose();
    }
}
