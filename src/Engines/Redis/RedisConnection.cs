using StackExchange.Redis;

namespace DataLayer.Engines.Redis;

/// <summary>
/// The one connection (to each node of a cluster) that an engine and its cache share. Nothing is queued while the server is away: calls fail at once, and the caller tries again.
/// After a call that was not answered in time it is made anew, so that what was sent before cannot pile up. Any thread.
/// </summary>
internal sealed class RedisConnection : IAsyncDisposable
{
    private static readonly TimeSpan ConnectTimeoutMax = TimeSpan.FromSeconds(5);

    private readonly EngineOptions _options;
    private readonly ConfigurationOptions _configuration;
    private readonly SemaphoreSlim _connecting = new(1);
    private volatile ConnectionMultiplexer? _multiplexer;

    public RedisConnection(EngineOptions options)
    {
        _options = options;
        _configuration = Configure(options);
        Where = $"engine \"{options.Name}\": Redis at {string.Join(',', _configuration.EndPoints.Select(endpoint => endpoint.ToString()!.Replace("Unspecified/", "", StringComparison.Ordinal)))}"
            + (_configuration.ServiceName is { Length: > 0 } service ? $" (Sentinel, {service})" : "");
    }

    /// <summary>Engine and server for the start of an error.</summary>
    public string Where { get; }

    public bool IsConnected => _multiplexer is { IsConnected: true };

    public bool IsCluster { get; private set; }

    /// <summary>The database, connected. Throws <see cref="EngineException"/>.</summary>
    public async ValueTask<IDatabase> DatabaseAsync(CancellationToken cancellation)
    {
        if (_multiplexer is { } connected) return connected.GetDatabase();
        await _connecting.WaitAsync(cancellation);
        try
        {
            _multiplexer ??= await ConnectAsync(cancellation);
            return _multiplexer.GetDatabase();
        }
        catch (Exception exception) when (RedisFaults.IsFault(exception))
        {
            throw RedisFaults.Say(Where, exception);
        }
        finally
        {
            _connecting.Release();
        }
    }

    /// <summary>One call and its answer. Throws <see cref="EngineException"/>.</summary>
    public async Task<T> CallAsync<T>(Func<IDatabase, Task<T>> call, CancellationToken cancellation)
    {
        var database = await DatabaseAsync(cancellation);
        try
        {
            return await call(database).WaitAsync(cancellation);
        }
        catch (Exception exception) when (RedisFaults.IsFault(exception))
        {
            throw Fault(exception);
        }
    }

    /// <summary>What to throw for a fault of a call; the connection is given up where answers may be missing.</summary>
    public EngineException Fault(Exception exception)
    {
        if (RedisFaults.IsBroken(exception)) Abandon();
        return RedisFaults.Say(Where, exception);
    }

    /// <summary>The slot of a key in a cluster.</summary>
    public int SlotOf(RedisKey key) => _multiplexer!.HashSlot(key);

    /// <summary>The masters that are connected.</summary>
    public IReadOnlyList<IServer> Masters() => [.. _multiplexer!.GetServers().Where(server => server is { IsConnected: true, IsReplica: false })];

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _multiplexer, null) is { } multiplexer) await multiplexer.DisposeAsync();
        _connecting.Dispose();
    }

    private static ConfigurationOptions Configure(EngineOptions options)
    {
        ConfigurationOptions configuration;
        try
        {
            configuration = ConfigurationOptions.Parse(options.ConnectionString);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException)
        {
            // The driver's text would repeat the connection string.
            throw new EngineException($"engine \"{options.Name}\" (redis): the connection string is none; write \"host:port\", or \"host:port,host:port,ssl=true,serviceName=name\"", isTransient: false);
        }

        if (configuration.EndPoints.Count == 0) throw new EngineException($"engine \"{options.Name}\" (redis): the connection string names no server; write \"host:port\"", isTransient: false);
        configuration.User = options.Username ?? configuration.User;
        configuration.Password = options.Password ?? configuration.Password;
        configuration.ClientName = $"datalayer-{options.Name}";
        configuration.AbortOnConnectFail = true;
        configuration.ConnectRetry = 1;
        configuration.AllowAdmin = false;
        configuration.BacklogPolicy = BacklogPolicy.FailFast;
        configuration.AsyncTimeout = configuration.SyncTimeout = (int)options.Timeout.TotalMilliseconds;
        configuration.ConnectTimeout = (int)Math.Min(options.Timeout.TotalMilliseconds, ConnectTimeoutMax.TotalMilliseconds);
        configuration.ReconnectRetryPolicy = new LinearRetry(500);

        // Neither a key nor a channel of the driver's own: a user with rights for our prefix alone is enough.
        configuration.TieBreaker = "";
        configuration.ConfigurationChannel = "";
        RedisTls.Apply(options, configuration);
        return configuration;
    }

    private async Task<ConnectionMultiplexer> ConnectAsync(CancellationToken cancellation)
    {
        var connecting = ConnectionMultiplexer.ConnectAsync(_configuration.Clone());
        try
        {
            var multiplexer = await connecting.WaitAsync(cancellation);
            IsCluster = multiplexer.GetServers().Any(server => server.ServerType == ServerType.Cluster);
            return multiplexer;
        }
        catch (OperationCanceledException)
        {
            _ = connecting.ContinueWith(late => late.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw;
        }
    }

    private void Abandon()
    {
        if (Interlocked.Exchange(ref _multiplexer, null) is { } multiplexer) _ = Task.Run(multiplexer.Dispose);
    }
}
