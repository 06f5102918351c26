using System.Globalization;
using DataLayer.Ingest.Records;
using StackExchange.Redis;

namespace DataLayer.Engines.Redis;

/// <summary>
/// The latest value of each series in Redis, a window of recent samples where configured, and a message for each change. Standalone, cluster or behind Sentinel.
/// Fed by one feeder; snapshots from any thread. See docs/engines/redis.md.
/// </summary>
public sealed class RedisEngine : IFedEngine
{
    private const int SchemaVersion = 1;

    private readonly EngineOptions _options;
    private readonly RedisOptions _redis;
    private readonly EngineContext _context;
    private readonly RedisConnection _connection;
    private readonly RedisKeys _keys;
    private readonly SeriesNames _names;
    private readonly RedisPosition _stored;
    private readonly RedisWriter _writer;
    private readonly bool _hasWindows;

    // Owned by: the feeder, one call at a time.
    private string _run = NewRun();
    private long _lostUpTo;
    private volatile string? _fault;
    private volatile string? _lost;
    private long _position;

    /// <summary>Throws <see cref="EngineException"/> where a setting is wrong. Does not connect.</summary>
    public RedisEngine(EngineOptions options, EngineContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        (_options, _context) = (options, context);
        _redis = RedisOptions.Parse(options);
        _connection = new RedisConnection(options);
        _keys = new RedisKeys(_redis);
        _names = new SeriesNames(context.Catalog, _keys);
        _stored = new RedisPosition(_connection, _keys, context.Source);
        _hasWindows = options.Takes.Contains("raw");
        _writer = new RedisWriter(_connection, _redis, _names, _keys, _hasWindows, context.Time);
        Cache = new RedisCache(_connection, _keys, _redis);
    }

    public string Name => _options.Name;

    public EngineCapabilities Capabilities =>
        EngineCapabilities.Reads | EngineCapabilities.Latest | (_hasWindows ? EngineCapabilities.Raw | EngineCapabilities.Quality : EngineCapabilities.None);

    public long Position => Interlocked.Read(ref _position);

    public EngineHealth Health =>
        _fault is { } fault ? new(EngineState.Degraded, fault)
        : _lost is { } lost ? new(EngineState.Degraded, lost)
        : EngineHealth.Healthy;

    public long MinTimeMicros => -SampleText.TimeMax;

    public long MaxTimeMicros => SampleText.TimeMax;

    public long LastTimeMicros => _stored.LastTime;

    public (int InUse, int Max) Pool => (_writer.InFlight > 0 ? 1 : 0, 1);

    /// <summary>A cache of bytes in the same server, over the same connection.</summary>
    public RedisCache Cache { get; }

    public async ValueTask OpenAsync(CancellationToken cancellation)
    {
        await GuardAsync(async () =>
        {
            await CheckSchemaAsync(create: true, cancellation);
            await _stored.LoadAsync(cancellation);
            if (_stored.Missing > 0 || _stored.Value < Position) NoteLoss();
            _names.ForgetDefined(); // The server may have been emptied meanwhile.
            _writer.ForgetMetrics();
            _run = NewRun();
            Interlocked.Exchange(ref _position, _stored.Value);
            return true;
        });
    }

    public async ValueTask WriteAsync(ISampleSource batch, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(batch);
        await GuardAsync(async () =>
        {
            batch.Reset();
            await _writer.WriteAsync(batch, _run, isAdded: false, cancellation);
            if (!await _stored.TryAdvanceAsync(batch.EndLsn, _writer.LastTime, _writer.DroppedTime, cancellation)) await LostAsync(cancellation);
            Interlocked.Exchange(ref _position, Math.Max(Position, batch.EndLsn));
            if (_lost is not null && _stored.Missing == 0 && Position >= _lostUpTo) (_lost, _lostUpTo) = (null, 0);
            return true;
        });
    }

    public async ValueTask AddAsync(ISampleSource samples, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(samples);
        await GuardAsync(async () =>
        {
            samples.Reset();
            await _writer.WriteAsync(samples, "added", isAdded: true, cancellation);
            if (!await _stored.TryAdvanceAsync(0, _writer.LastTime, _writer.DroppedTime, cancellation)) await LostAsync(cancellation);
            return true;
        });
    }

    public async ValueTask MoveToAsync(long position, CancellationToken cancellation)
    {
        await GuardAsync(async () =>
        {
            await _stored.MoveAsync(position, cancellation);
            _run = NewRun(); // What follows may be older than what is stored.
            (_lost, _lostUpTo) = (null, 0);
            Interlocked.Exchange(ref _position, position);
            return true;
        });
    }

    /// <summary>Removes latest values that are older than the setting LatestTtl; windows expire in the server.</summary>
    public async ValueTask<string?> ExpireAsync(CancellationToken cancellation)
    {
        if (_redis.LatestTtl is not { } ttl) return null;
        var bound = MicrosAgo(ttl);
        var gone = await GuardAsync(async () =>
        {
            var removed = 0L;
            foreach (var name in await _connection.CallAsync(database => database.SetMembersAsync(_keys.Metrics), cancellation))
            {
                removed += await ExpireMetricAsync(RedisKeys.TagOf((byte[])name!), bound, cancellation);
            }

            return removed;
        });
        return gone == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"removed {gone} latest values older than {ttl}");
    }

    public async Task<IReadOnlyList<string>> DescribeAsync(CancellationToken cancellation)
    {
        List<string> lines = [];
        var exists = await CheckSchemaAsync(create: false, cancellation);
        var masters = _connection.Masters();
        lines.Add($"Redis {masters.Select(server => server.Version).FirstOrDefault()}, {(_connection.IsCluster ? $"cluster with {masters.Count} masters" : "one server")}");
        await _stored.LoadAsync(cancellation);
        lines.Add(exists
            ? string.Create(CultureInfo.InvariantCulture, $"keys {_redis.KeyPrefix}* are there, position {_stored.Value}")
            : $"would create keys {_redis.KeyPrefix}metrics, {_redis.KeyPrefix}series:*, {_redis.KeyPrefix}latest:*{(_hasWindows ? $", {_redis.KeyPrefix}window:*" : "")} and {_redis.KeyPrefix}position");
        lines.Add(_redis.Channel is null ? "would publish nothing" : $"would publish changes at {_redis.Channel}*");
        if (_stored.Missing > 0) lines.Add(LostText());
        return lines;
    }

    public IEngineSnapshot Snapshot()
    {
        var age = _redis.WindowAge is { } bound ? MicrosAgo(bound) : long.MinValue;
        var dropped = Math.Max(_stored.DroppedTime, _writer.DroppedTime);
        return new RedisSnapshot(_connection, _keys, _names, _hasWindows, Position, Math.Max(age, dropped == long.MinValue ? dropped : dropped + 1));
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static string NewRun() => Guid.NewGuid().ToString("N")[..12];

    private async Task<bool> CheckSchemaAsync(bool create, CancellationToken cancellation)
    {
        var version = await _connection.CallAsync(database => database.StringGetAsync(_keys.Schema), cancellation);
        if (version.IsNull)
        {
            if (create) await _connection.CallAsync(database => database.StringSetAsync(_keys.Schema, SchemaVersion, when: When.NotExists), cancellation);
            return false;
        }

        if (version.TryParse(out int number) && number <= SchemaVersion) return true;
        throw new EngineException($"{_connection.Where}: {_keys.Schema} says \"{version}\", this daemon knows layouts up to {SchemaVersion}; run a newer daemon or choose another KeyPrefix", isTransient: false);
    }

    private async Task<long> ExpireMetricAsync(string tag, long bound, CancellationToken cancellation)
    {
        var removed = 0L;
        RedisKey[] hashes = [_keys.Latest(tag), _keys.Series(tag)];
        for (var cursor = "0"; ;)
        {
            var from = cursor;
            var page = (RedisResult[])(await _connection.CallAsync(database => database.ScriptEvaluateAsync(RedisScripts.Expire, hashes, [from, bound]), cancellation))!;
            removed += (long)page[1];
            if ((cursor = (string)page[0]!) == "0") return removed;
        }
    }

    // The server holds less than it did: it came back without its last data, a replica without them was promoted, or someone moved the position. The feeder goes on from where the server is.
    private async Task LostAsync(CancellationToken cancellation)
    {
        await _stored.LoadAsync(cancellation);
        NoteLoss();
        Interlocked.Exchange(ref _position, _stored.Value);
        throw new EngineException(_lost!, isTransient: true);
    }

    private void NoteLoss()
    {
        _lostUpTo = Math.Max(_lostUpTo, Position);
        _lost = LostText();
        _names.ForgetDefined();
        _writer.ForgetMetrics();
    }

    private string LostText() => string.Create(CultureInfo.InvariantCulture,
        $"{_connection.Where}: it has gone back to position {_stored.Value}{(_stored.Missing > 0 ? $" and lost {_stored.Missing} of {_stored.Count} ranges of slots" : "")}: restarted without all of its data, failed over, or moved by another instance; new samples fill it again, \"datalayer engine rebuild {Name}\" does at once");

    private async ValueTask<T> GuardAsync<T>(Func<Task<T>> work)
    {
        try
        {
            var done = await work();
            _fault = null;
            return done;
        }
        catch (Exception exception)
        {
            _run = NewRun(); // Calls of the failed batch may still reach the server, after those of the next try: they will be compared.
            if (exception is EngineException { IsTransient: true }) _fault = exception.Message;
            throw;
        }
    }

    private long MicrosAgo(TimeSpan age) => ((_context.Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond) - (long)age.TotalMicroseconds;
}
