using System.Globalization;
using ClickHouse.Driver;
using ClickHouse.Driver.ADO;
using ClickHouse.Driver.Compression;

namespace DataLayer.Engines.ClickHouse;

/// <summary>
/// The way to one server: statements, streams in and streams out, over the driver's HTTP client. Every fault leaves as <see cref="EngineException"/>, and every wait ends with the
/// configured timeout. Safe from any thread. Reads leave one connection to the writer, so that queries never hold up the feeder.
/// </summary>
internal sealed class ClickHouseLink : IDisposable
{
    private static readonly Dictionary<string, string> Lz4Body = new() { [EncodingHandler.Mark] = "lz4" };

    private readonly HttpClient _http;
    private readonly ClickHouseClient _client;
    private readonly SemaphoreSlim _readers;
    private readonly TimeSpan _timeout;
    private readonly bool _compress;
    private int _inUse;

    public ClickHouseLink(EngineOptions options, string database)
    {
        var settings = SettingsOf(options);
        Where = $"{settings.Host}:{settings.Port}, database {database}";
        (_timeout, _compress) = (options.Timeout, options.Compression);
        PoolSize = Math.Max(2, options.PoolSize);
        _readers = new SemaphoreSlim(PoolSize - 1);
        var handler = new SocketsHttpHandler
        {
            SslOptions = ClickHouseTls.Of(options),
            MaxConnectionsPerServer = PoolSize,
            ConnectTimeout = options.Timeout,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(8), // Less than the server's keep_alive_timeout, 10 s at least.
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
        };
        _http = new HttpClient(new EncodingHandler(handler)) { Timeout = System.Threading.Timeout.InfiniteTimeSpan };
        _client = new ClickHouseClient(new ClickHouseClientSettings(settings)
        {
            HttpClient = _http,
            Database = string.Empty,
            UseCompression = _compress,
            UseSession = false,

            // A server of 2018 knows none of the settings that go with JSON, and must be able to tell its version.
            JsonReadMode = JsonReadMode.None,
            JsonWriteMode = JsonWriteMode.None,
        });
    }

    /// <summary>Host, port and database, for people.</summary>
    public string Where { get; }

    public int PoolSize { get; }

    public int InUse => Volatile.Read(ref _inUse);

    /// <summary>Runs a statement that answers nothing.</summary>
    /// <param name="what">What it does, after "cannot", for the text of an error.</param>
    public async Task ExecuteAsync(string sql, string what, IDictionary<string, object>? settings, CancellationToken cancellation) =>
        _ = await TextAsync(sql, what, settings, cancellation).ConfigureAwait(false);

    /// <summary>Runs a small query; rows of columns as text.</summary>
    public async Task<List<string[]>> RowsAsync(string sql, string what, IDictionary<string, object>? settings, CancellationToken cancellation)
    {
        var text = await TextAsync(sql + " FORMAT TabSeparatedRaw", what, settings, cancellation).ConfigureAwait(false);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t'))];
    }

    /// <summary>Sends rows in the format that the statement names.</summary>
    public async Task InsertAsync(string sql, ReadOnlyMemory<byte> body, string what, IDictionary<string, object> settings, CancellationToken cancellation)
    {
        using var patience = Patience(cancellation);
        var options = new QueryOptions { CustomSettings = settings, CustomHeaders = _compress ? Lz4Body : null };
        Interlocked.Increment(ref _inUse);
        try
        {
            using var response = await _client.PostStreamAsync(sql, (stream, token) => SendAsync(stream, body, token), isCompressed: false, patience.Token, options).ConfigureAwait(false);
        }
        catch (Exception fault) when (IsFault(fault, cancellation))
        {
            throw ClickHouseErrors.Translate(fault, Where, what, _timeout);
        }
        finally
        {
            Interlocked.Decrement(ref _inUse);
        }
    }

    /// <summary>Runs a query whose answer is read as it comes. Waits for a connection that is free for readers.</summary>
    /// <param name="parameters">Values for {name:Type} in the statement.</param>
    public NativeReader Query(string sql, IReadOnlyList<(string Name, long Value)> parameters, string what, CancellationToken cancellation)
    {
        if (!_readers.Wait(_timeout, cancellation)) throw new EngineException($"ClickHouse at {Where}: cannot {what}: all {PoolSize - 1} connections for reading are in use (PoolSize).", isTransient: true);
        Interlocked.Increment(ref _inUse);
        ClickHouseRawResult? result = null;
        try
        {
            var settings = new Dictionary<string, object> { ["cancel_http_readonly_queries_on_client_close"] = 1 };
            foreach (var (name, value) in parameters) settings["param_" + name] = value.ToString(CultureInfo.InvariantCulture);
            var options = new QueryOptions { CustomSettings = settings, AcceptEncoding = _compress ? "lz4" : null };
            using var patience = Patience(cancellation);

            // Snapshots are read without async, by a thread that waits.
            result = _client.ExecuteRawResultAsync(sql + " FORMAT Native", options, patience.Token).GetAwaiter().GetResult();
            var stream = result.ReadDecompressedStreamAsync().GetAwaiter().GetResult();
            return new NativeReader(stream, fault => ClickHouseErrors.Translate(fault, Where, what, _timeout), _timeout, () => Release(result), cancellation);
        }
        catch (Exception fault)
        {
            Release(result);
            if (!IsFault(fault, cancellation)) throw;
            throw ClickHouseErrors.Translate(fault, Where, what, _timeout);
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _http.Dispose();
    }

    private void Release(ClickHouseRawResult? result)
    {
        result?.Dispose();
        Interlocked.Decrement(ref _inUse);
        _readers.Release();
    }

    private async Task<string> TextAsync(string sql, string what, IDictionary<string, object>? settings, CancellationToken cancellation)
    {
        using var patience = Patience(cancellation);
        Interlocked.Increment(ref _inUse);
        try
        {
            using var result = await _client.ExecuteRawResultAsync(sql, new QueryOptions { CustomSettings = settings }, patience.Token).ConfigureAwait(false);
            var body = await result.ReadAsStreamAsync().ConfigureAwait(false);
            using var reader = new StreamReader(body);
            return await reader.ReadToEndAsync(patience.Token).ConfigureAwait(false);
        }
        catch (Exception fault) when (IsFault(fault, cancellation))
        {
            throw ClickHouseErrors.Translate(fault, Where, what, _timeout);
        }
        finally
        {
            Interlocked.Decrement(ref _inUse);
        }
    }

    private async Task SendAsync(Stream stream, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        if (!_compress)
        {
            await stream.WriteAsync(body, cancellation).ConfigureAwait(false);
            return;
        }

        await using var packed = Lz4Compressor.Default.Compress(stream, leaveOpen: true);
        await packed.WriteAsync(body, cancellation).ConfigureAwait(false);
    }

    private CancellationTokenSource Patience(CancellationToken cancellation)
    {
        var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(_timeout);
        return patience;
    }

    // A caller that gives up sees its own cancellation.
    private static bool IsFault(Exception fault, CancellationToken cancellation) => fault is not OperationCanceledException || !cancellation.IsCancellationRequested;

    private static ClickHouseClientSettings SettingsOf(EngineOptions options)
    {
        try
        {
            var given = new ClickHouseClientSettings(options.ConnectionString);
            var settings = new ClickHouseClientSettings(given) { Username = options.Username ?? given.Username, Password = options.Password ?? given.Password };
            settings.Validate();
            if (options.TlsCa is not null && settings.Protocol != "https") throw new InvalidOperationException("TlsCa is set, but the connection string lacks Protocol=https");
            if (settings.SkipServerCertificateValidation) throw new InvalidOperationException("SkipServerCertificateValidation is not supported: set TlsCa");
            return settings;
        }
        catch (Exception fault) when (fault is InvalidOperationException or ArgumentException or FormatException)
        {
            // The driver's text may repeat parts of the connection string; ours are those of InvalidOperationException.
            var why = fault is InvalidOperationException ? fault.Message : "it cannot be read; it goes like Host=…;Port=8123;Username=…;Password=…;Protocol=http";
            throw new EngineException($"Engine {options.Name} (clickhouse): the connection string: {why}.", isTransient: false);
        }
    }
}
