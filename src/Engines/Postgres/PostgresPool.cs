using Npgsql;

namespace DataLayer.Engines.Postgres;

/// <summary>
/// The engine's connections: one for the feeder, which calls one method at a time, the others for readers. Safe from any thread.
/// </summary>
internal sealed class PostgresPool : IAsyncDisposable
{
    // What each session sets for itself. Keepalives: a peer that is gone without a word must not hold the position's lock for two hours. No just-in-time compilation: our statements are short.
    private const string SessionSql = """
        SELECT /* datalayer:session */ set_config('TimeZone', 'UTC', false), set_config('DateStyle', 'ISO', false), set_config('search_path', 'pg_catalog', false),
          set_config('client_min_messages', 'warning', false), set_config('jit', 'off', false), set_config('tcp_keepalives_idle', '15', false),
          set_config('tcp_keepalives_interval', '5', false), set_config('tcp_keepalives_count', '3', false), set_config('idle_in_transaction_session_timeout', '10min', false)
        """;

    private readonly NpgsqlDataSource _source;
    private readonly NpgsqlDataSource? _all;
    private readonly SemaphoreSlim _readers;
    private readonly TimeSpan _timeout;
    private int _inUse;

    public PostgresPool(EngineOptions options, PostgresSettings settings)
    {
        var text = ConnectionText(options, settings);
        (Max, _timeout) = (text.MaxPoolSize, options.Timeout);
        _readers = new SemaphoreSlim(Max - 1);
        var where = text.Host!.Contains(',', StringComparison.Ordinal) ? text.Host : $"{text.Host}:{text.Port}";
        Faults = new PostgresFaults($"PostgreSQL at {where}, database {text.Database}", text.Database!, text.Username!, options.Timeout);
        var builder = new NpgsqlDataSourceBuilder(text.ConnectionString);
        builder.UsePhysicalConnectionInitializer(
            connection =>
            {
                using var command = new NpgsqlCommand(SessionSql, connection);
                command.ExecuteNonQuery();
            },
            async connection =>
            {
                await using var command = new NpgsqlCommand(SessionSql, connection);
                await command.ExecuteNonQueryAsync();
            });
        if (text.Host.Contains(',', StringComparison.Ordinal))
        {
            var several = builder.BuildMultiHost();
            (_all, _source) = (several, several.WithTargetSession(TargetSessionAttributes.Primary));
        }
        else
        {
            _source = builder.Build();
        }
    }

    public PostgresFaults Faults { get; }

    public int Max { get; }

    /// <summary>How long one call may take.</summary>
    public TimeSpan Timeout => _timeout;

    public int InUse => Volatile.Read(ref _inUse);

    /// <summary>The feeder's connection. Dispose the lease soon.</summary>
    public async ValueTask<PostgresLease> RentAsync(CancellationToken cancellation)
    {
        var connection = await _source.OpenConnectionAsync(cancellation);
        Interlocked.Increment(ref _inUse);
        return new PostgresLease(connection, () => Interlocked.Decrement(ref _inUse));
    }

    /// <summary>A reader's connection; null where all of them are in use.</summary>
    /// <param name="waits">Waits for one as long as a call may take.</param>
    public PostgresLease? TryRent(bool waits)
    {
        if (!_readers.Wait(waits ? _timeout : TimeSpan.Zero)) return null;
        try
        {
            var connection = _source.OpenConnection();
            Interlocked.Increment(ref _inUse);
            return new PostgresLease(connection, () =>
            {
                Interlocked.Decrement(ref _inUse);
                _readers.Release();
            });
        }
        catch
        {
            _readers.Release();
            throw;
        }
    }

    /// <summary>After a fault of the connection: idle ones are likely dead as well.</summary>
    public void Clear() => _source.Clear();

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        if (_all is not null) await _all.DisposeAsync();
        _readers.Dispose();
    }

    // The text may hold a password: an error says what is allowed instead of what was found.
    private static NpgsqlConnectionStringBuilder ConnectionText(EngineOptions options, PostgresSettings settings)
    {
        NpgsqlConnectionStringBuilder text;
        try
        {
            text = new NpgsqlConnectionStringBuilder(options.ConnectionString);
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            throw Bad("the connection string has a keyword or value that Npgsql does not know; it looks like Host=…;Port=5432;Database=…;Username=…");
        }

        if (string.IsNullOrEmpty(text.Host)) throw Bad("the connection string names no Host");
        if (options.Username is not null) text.Username = options.Username;
        if (options.Password is not null) text.Password = options.Password;
        if (string.IsNullOrEmpty(text.Username)) throw Bad("neither the connection string nor the entry names a Username");
        if (string.IsNullOrEmpty(text.Database)) text.Database = text.Username;
        if (string.IsNullOrEmpty(text.ApplicationName)) text.ApplicationName = $"datalayer {options.Name}";
        UseTls(text, options);
        var seconds = Math.Max(1, (int)Math.Ceiling(options.Timeout.TotalSeconds));
        (text.Timeout, text.CommandTimeout, text.CancellationTimeout) = (Math.Min(seconds, 1024), seconds, 2000);
        (text.Pooling, text.MinPoolSize, text.MaxPoolSize) = (true, 0, Math.Max(2, options.PoolSize));
        (text.MaxAutoPrepare, text.AutoPrepareMinUsages) = (settings.MaxPreparedStatements, 2);
        (text.NoResetOnClose, text.IncludeErrorDetail, text.PersistSecurityInfo) = (true, false, false);
        return text;
    }

    // A file of trusted certificates means that the server is to be one of them, unless the connection string says what else.
    private static void UseTls(NpgsqlConnectionStringBuilder text, EngineOptions options)
    {
        if (!text.ContainsKey("GSS Encryption Mode")) text.GssEncryptionMode = GssEncryptionMode.Disable;
        if (options.TlsCa is not null)
        {
            text.RootCertificate = Existing("TlsCa", options.TlsCa);
            if (text.SslMode is SslMode.Prefer && !options.ConnectionString.Contains("mode", StringComparison.OrdinalIgnoreCase)) text.SslMode = SslMode.VerifyFull;
        }

        if (options.TlsCertificate is null) return;
        text.SslCertificate = Existing("TlsCertificate", options.TlsCertificate);
        if (options.TlsKey is not null) text.SslKey = Existing("TlsKey", options.TlsKey);
    }

    private static string Existing(string option, string path) => File.Exists(path) ? path : throw Bad($"{option} names {path}, which is not there");

    private static EngineException Bad(string what) => new($"engine kind postgres: {what}.", isTransient: false);
}
