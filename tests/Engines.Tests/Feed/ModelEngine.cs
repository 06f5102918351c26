using DataLayer.Ingest.Records;

namespace DataLayer.Engines.Tests.Feed;

/// <summary>
/// An engine in memory that keeps what an engine must and fails when it is told to: before it stores anything, or after a part. The feeder's tests need faults at exact places;
/// the engines' own tests are on their servers.
/// </summary>
internal sealed class ModelEngine(string name = "model") : IFedEngine, IEventStore
{
    private readonly Lock _lock = new();

    // Guarded by: _lock.
    private readonly SortedDictionary<(int Series, long Time), (double Value, float Quality, long Version)> _stored = [];
    private long _position;
    private long _lastTime = long.MinValue;

    /// <summary>Called with each batch, before anything is stored; may throw, or wait.</summary>
    public Func<ISampleSource, CancellationToken, Task> Before { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>Called at each opening.</summary>
    public Func<Task> Opening { get; set; } = () => Task.CompletedTask;

    /// <summary>Whether a sample is refused for what it is.</summary>
    public Func<double, bool> Refuses { get; set; } = _ => false;

    /// <summary>So many samples of the next batch are stored, then the connection is cut.</summary>
    public int? CutAfter { get; set; }

    /// <summary>Events by their ids.</summary>
    public Dictionary<string, EngineEvent> Events { get; } = [];

    public Func<string, bool> RefusesEvent { get; set; } = _ => false;

    public int Opened { get; private set; }

    public List<long> BatchSizes { get; } = [];

    public string Name => name;

    public EngineCapabilities Capabilities => EngineCapabilities.Raw | EngineCapabilities.Quality;

    public long Position
    {
        get
        {
            lock (_lock) return _position;
        }
    }

    public EngineHealth Health => EngineHealth.Healthy;

    public long MinTimeMicros => -1_000_000_000_000_000;

    public long MaxTimeMicros => 4_000_000_000_000_000;

    public long LastTimeMicros { get; private set; } = long.MinValue;

    public (int InUse, int Max) Pool => (0, 1);

    public (int Series, long Time, double Value, float Quality)[] Stored
    {
        get
        {
            lock (_lock) return [.. _stored.Select(pair => (pair.Key.Series, pair.Key.Time, pair.Value.Value, pair.Value.Quality))];
        }
    }

    public async ValueTask OpenAsync(CancellationToken cancellation)
    {
        Opened++;
        await Opening();
        lock (_lock) LastTimeMicros = _lastTime;
    }

    public async ValueTask WriteAsync(ISampleSource batch, CancellationToken cancellation)
    {
        if (batch.EndLsn <= Position) return;
        Assert.Equal(Position, batch.AfterLsn);
        await StoreAsync(batch, cancellation);
        lock (_lock) _position = batch.EndLsn;
    }

    public async ValueTask AddAsync(ISampleSource samples, CancellationToken cancellation) => await StoreAsync(samples, cancellation);

    public ValueTask MoveToAsync(long position, CancellationToken cancellation)
    {
        lock (_lock) _position = position;
        return ValueTask.CompletedTask;
    }

    public ValueTask AddEventsAsync(IReadOnlyList<EngineEvent> events, CancellationToken cancellation)
    {
        if (events.Any(one => RefusesEvent(one.Id))) throw new RefusedSamplesException("such an event is not taken");
        foreach (var one in events) Events[one.Id] = one;
        return ValueTask.CompletedTask;
    }

    public Task<IReadOnlyList<FoundEvent>> QueryEventsAsync(EventQuery query, CancellationToken cancellation) => throw new NotSupportedException();

    public ValueTask<string?> ExpireAsync(CancellationToken cancellation) => ValueTask.FromResult<string?>(null);

    public Task<IReadOnlyList<string>> DescribeAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<string>>(["a model in memory"]);

    public IEngineSnapshot Snapshot() => throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>As a server whose disk was lost.</summary>
    public void Empty()
    {
        lock (_lock)
        {
            _stored.Clear();
            (_position, _lastTime) = (0, long.MinValue);
        }
    }

    private async Task StoreAsync(ISampleSource batch, CancellationToken cancellation)
    {
        await Before(batch, cancellation);
        BatchSizes.Add(batch.SampleCount);
        var columns = new SeriesColumns();
        var samples = new List<(int Series, long Time, double Value, float Quality, bool IsNew)>();
        while (batch.TryNext(columns))
        {
            for (var at = 0; at < columns.Count; at++)
            {
                samples.Add((columns.Series, columns.Times[at], columns.Values[at], columns.Qualities?[at] ?? 1f, columns.Times[at] > columns.BaseTime));
            }
        }

        if (samples.Exists(sample => Refuses(sample.Value))) throw new RefusedSamplesException("such a value is not taken");
        foreach (var sample in samples.Take(CutAfter ?? int.MaxValue)) Put(sample, batch.EndLsn);
        if (CutAfter is null) return;
        CutAfter = null;
        throw new EngineException("the connection was cut", isTransient: true);
    }

    private void Put((int Series, long Time, double Value, float Quality, bool IsNew) sample, long version)
    {
        lock (_lock)
        {
            var exists = _stored.TryGetValue((sample.Series, sample.Time), out var known);
            Assert.False(exists && sample.IsNew && known.Version != version, "a sample that was said to be new is there already");
            if (exists && known.Version > version) return;
            _stored[(sample.Series, sample.Time)] = (sample.Value, sample.Quality, version);
            _lastTime = Math.Max(_lastTime, sample.Time);
        }
    }
}
