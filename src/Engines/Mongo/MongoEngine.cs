using DataLayer.Ingest.Records;

namespace DataLayer.Engines.Mongo;

/// <summary>
/// MongoDB as an engine: samples in a time-series collection, a document each. What a person sees, and why it is as it is: docs/engines/mongo.md. Owned by the daemon; the feeder calls one
/// method at a time, snapshots are taken by any thread.
/// </summary>
public sealed class MongoEngine : IFedEngine, IEventStore
{
    private readonly EngineOptions _options;
    private readonly EngineContext _context;
    private readonly MongoConnection _connection;
    private readonly MongoSchema _schema;
    private readonly MongoPosition _positions;
    private readonly MongoSeries _series;
    private readonly MongoBatchWriter _writer;
    private readonly MongoEvents _events;
    private long _position;

    public MongoEngine(EngineOptions options, EngineContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        var settings = MongoSettings.Parse(options.Settings);
        if (options.Takes.Any(what => what != "raw")) throw new EngineException($"The engine {options.Name} takes raw samples alone (\"raw\"); rollups are made of them when asked.", isTransient: false);
        (_options, _context) = (options, context);
        _connection = new MongoConnection(options, settings);
        _schema = new MongoSchema(_connection, options, settings);
        _positions = new MongoPosition(_connection, context.Source, context.Time);
        _series = new MongoSeries(_connection, context.Catalog);
        _writer = new MongoBatchWriter(_connection, _series, _positions, options.PoolSize);
        _events = new MongoEvents(_connection);
    }

    public string Name => _options.Name;

    public EngineCapabilities Capabilities => EngineCapabilities.Raw | EngineCapabilities.Rollups | EngineCapabilities.Reads | EngineCapabilities.Quality;

    public long Position => Volatile.Read(ref _position);

    public EngineHealth Health { get; private set; } = EngineHealth.Healthy;

    /// <summary>BSON dates are 64 bits of milliseconds: any time fits.</summary>
    public long MinTimeMicros => long.MinValue;

    public long MaxTimeMicros => long.MaxValue - 1;

    public long LastTimeMicros { get; private set; } = long.MinValue;

    public (int InUse, int Max) Pool => (_connection.InUse, _connection.MaxPoolSize);

    public async ValueTask OpenAsync(CancellationToken cancellation) => await RunAsync("open", async () =>
    {
        await _schema.CreateAsync(cancellation).ConfigureAwait(false);
        var (mine, all) = await _positions.OpenAsync(cancellation).ConfigureAwait(false);
        LastTimeMicros = all.Max(state => state.LastTimeMicros);
        Volatile.Write(ref _position, mine.Position);
        return true;
    }).ConfigureAwait(false);

    public Task<IReadOnlyList<string>> DescribeAsync(CancellationToken cancellation) => RunAsync("look", () => _schema.DescribeAsync(cancellation));

    public async ValueTask WriteAsync(ISampleSource batch, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Volatile.Write(ref _position, await RunAsync("write", () => _writer.WriteAsync(batch, cancellation)).ConfigureAwait(false));
    }

    public async ValueTask AddAsync(ISampleSource samples, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(samples);
        await RunAsync("write", () => _writer.AddAsync(samples, cancellation)).ConfigureAwait(false);
    }

    public async ValueTask MoveToAsync(long position, CancellationToken cancellation)
    {
        await RunAsync("move the position", async () =>
        {
            await _positions.MoveToAsync(position, cancellation).ConfigureAwait(false);
            return true;
        }).ConfigureAwait(false);
        Volatile.Write(ref _position, position);
    }

    /// <summary>The server deletes what is too old, a whole bucket at a time.</summary>
    public ValueTask<string?> ExpireAsync(CancellationToken cancellation) => ValueTask.FromResult<string?>(null);

    public IEngineSnapshot Snapshot() => new MongoSnapshot(_connection, _series, _positions, _context.Source, RawFromMicros);

    public ValueTask AddEventsAsync(IReadOnlyList<EngineEvent> events, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(events);
        return _events.AddEventsAsync(events, cancellation);
    }

    public Task<IReadOnlyList<FoundEvent>> QueryEventsAsync(EventQuery query, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(query);
        return _events.QueryEventsAsync(query, cancellation);
    }

    public ValueTask DisposeAsync()
    {
        _connection.Dispose();
        return ValueTask.CompletedTask;
    }

    private long RawFromMicros => _options.Retention is { } retention ? (_context.Time.GetUtcNow() - retention - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond : long.MinValue;

    private async Task<T> RunAsync<T>(string what, Func<Task<T>> call)
    {
        try
        {
            var result = await _connection.Errors.RunAsync(what, call).ConfigureAwait(false);
            Health = EngineHealth.Healthy;
            return result;
        }
        catch (EngineException fault)
        {
            Health = new EngineHealth(fault.IsTransient || fault is RefusedSamplesException ? EngineState.Degraded : EngineState.Failed, fault.Message);
            throw;
        }
    }
}
