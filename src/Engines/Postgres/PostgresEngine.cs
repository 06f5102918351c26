using System.Globalization;
using DataLayer.Ingest.Records;
using Npgsql;

namespace DataLayer.Engines.Postgres;

/// <summary>Samples in a PostgreSQL server: a schema of its own, documented in docs/engines/postgres.md.</summary>
public sealed class PostgresEngine : IFedEngine
{
    // A drop waits for the readers of its partition, and others wait behind it. It gives up soon and comes again a minute later.
    private const string DropPatience = "SET LOCAL lock_timeout = '2s'";

    private readonly EngineOptions _options;
    private readonly EngineContext _context;
    private readonly PostgresSettings _settings;
    private readonly PostgresPool _pool;
    private readonly PostgresSchema _schema;
    private readonly PostgresSeries _series;
    private readonly PostgresFaults _faults;

    // Owned by: the feeder's calls.
    private PostgresPartitions? _partitions;
    private PostgresWriter? _writer;
    private bool _mustReload;

    private EngineHealth _health = EngineHealth.Healthy;
    private long _rawFrom = long.MinValue;

    /// <summary>Connects nowhere yet. Throws <see cref="EngineException"/> where the entry is wrong.</summary>
    public PostgresEngine(EngineOptions options, EngineContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        if (options.Takes.Count > 0 && !options.Takes.Contains("raw"))
        {
            throw new EngineException("engine kind postgres: it holds raw samples and makes rollups and latest values of them: Takes needs 'raw'.", isTransient: false);
        }

        (_options, _context) = (options, context);
        _settings = PostgresSettings.Parse(options.Settings);
        _pool = new PostgresPool(options, _settings);
        _faults = _pool.Faults;
        _schema = new PostgresSchema(_settings, _faults);
        _series = new PostgresSeries(context.Catalog);
    }

    public string Name => _options.Name;

    public EngineCapabilities Capabilities =>
        EngineCapabilities.Raw | EngineCapabilities.Rollups | EngineCapabilities.Reads | EngineCapabilities.Quality | EngineCapabilities.StableReads;

    public long Position => _writer?.Position ?? 0;

    public long LastTimeMicros => _writer?.LastTime ?? long.MinValue;

    public long MinTimeMicros => PostgresTime.MinUnixMicros;

    public long MaxTimeMicros => PostgresTime.MaxUnixMicros;

    public EngineHealth Health => Volatile.Read(ref _health);

    public (int InUse, int Max) Pool => (_pool.InUse, _pool.Max);

    public async ValueTask OpenAsync(CancellationToken cancellation)
    {
        await RunAsync("open", isContent: false, OpenAsync, cancellation);
    }

    public async ValueTask WriteAsync(ISampleSource batch, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(batch);
        await RunAsync("write", isContent: true, (connection, stop) => Writer.WriteAsync(connection, batch, stop), cancellation);
    }

    public async ValueTask AddAsync(ISampleSource samples, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(samples);
        await RunAsync("add", isContent: true, (connection, stop) => Writer.AddAsync(connection, samples, stop), cancellation);
    }

    public async ValueTask MoveToAsync(long position, CancellationToken cancellation)
    {
        await RunAsync("move the position", isContent: false, (connection, stop) => Writer.MoveToAsync(connection, position, stop), cancellation);
    }

    public async ValueTask<string?> ExpireAsync(CancellationToken cancellation)
    {
        string? said = null;
        await RunAsync("retention", isContent: false, async (connection, stop) => said = await ExpireAsync(connection, stop), cancellation);
        return said;
    }

    public async Task<IReadOnlyList<string>> DescribeAsync(CancellationToken cancellation)
    {
        try
        {
            using var step = new PostgresStep(_options.Timeout, cancellation);
            await using var lease = await _pool.RentAsync(step.Next());
            var state = await PostgresSchemaState.ReadAsync(lease.Connection, step.Next());
            _schema.Check(state);
            return [.. _schema.Describe(state), await EncryptionAsync(lease.Connection, step.Next())];
        }
        catch (Exception fault) when (!cancellation.IsCancellationRequested)
        {
            throw _faults.Of(fault, "describe");
        }
    }

    public IEngineSnapshot Snapshot()
    {
        try
        {
            return new PostgresSnapshot(_pool, _series, _settings, _context.Source, Volatile.Read(ref _rawFrom));
        }
        catch (Exception fault)
        {
            throw _faults.Of(fault, "read");
        }
    }

    public async ValueTask DisposeAsync() => await _pool.DisposeAsync();

    private static async Task<string> EncryptionAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("SELECT /* datalayer:tls */ version FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl", connection);
        return await command.ExecuteScalarAsync(cancellation) is string version ? $"the connection is encrypted, {version}" : "the connection is not encrypted";
    }

    private PostgresWriter Writer => _writer ?? throw new InvalidOperationException("The engine is not open.");

    private async Task OpenAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        using var step = new PostgresStep(_options.Timeout, cancellation);
        var state = await _schema.MigrateAsync(connection, step.Next());
        var partitions = state.IsHypertable ? null : new PostgresPartitions(_settings);
        if (partitions is not null)
        {
            await partitions.LoadAsync(connection, step.Next());
            partitions.NeedAhead(NowMicros());
            await partitions.MakeAsync(connection, step.Next());
        }

        var writer = new PostgresWriter(partitions, _series, _settings, _context.Source, _options.Timeout);
        await ReadPositionAsync(connection, writer, step.Next());
        (_partitions, _writer) = (partitions, writer);
    }

    private async Task ReadPositionAsync(NpgsqlConnection connection, PostgresWriter writer, CancellationToken cancellation)
    {
        // Only where it is missing: each attempt takes a number of the sequence.
        const string AddSql = """
            INSERT /* datalayer:source */ INTO datalayer.position (source) SELECT $1 WHERE NOT EXISTS (SELECT FROM datalayer.position WHERE source = $1) ON CONFLICT DO NOTHING
            """;
        const string ReadSql = "SELECT /* datalayer:position */ lsn, number, (SELECT max(last_time) FROM datalayer.position) FROM datalayer.position WHERE source = $1";
        await using (var add = new NpgsqlCommand(AddSql, connection))
        {
            add.Parameters.Add(new() { Value = _context.Source });
            await add.ExecuteNonQueryAsync(cancellation);
        }

        await using var read = new NpgsqlCommand(ReadSql, connection);
        read.Parameters.Add(new() { Value = _context.Source });
        await using var reader = await read.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        (writer.Position, writer.SourceNumber) = (reader.GetInt64(0), reader.GetInt32(1));
        writer.LastTime = await reader.IsDBNullAsync(2, cancellation) ? long.MinValue : PostgresTime.ToUnix(reader.GetFieldValue<long>(2));
    }

    private async Task<string?> ExpireAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        using var step = new PostgresStep(_options.Timeout, cancellation);
        var cut = _options.Retention is { } kept ? NowMicros() - (kept.Ticks / TimeSpan.TicksPerMicrosecond) : long.MinValue;
        if (_partitions is null) return await DropChunksAsync(connection, cut, step.Next());
        await _partitions.LoadAsync(connection, step.Next()); // Other daemons make and drop some as well.
        _partitions.NeedAhead(NowMicros());
        await _partitions.MakeAsync(connection, step.Next());
        if (_options.Retention is null) return null;
        Volatile.Write(ref _rawFrom, cut);
        var said = new List<string>();
        foreach (var partition in _partitions.Before(cut))
        {
            try
            {
                await using var drop = new NpgsqlCommand($"{DropPatience}; DROP /* datalayer:expire */ TABLE IF EXISTS datalayer.{partition.Name}", connection);
                await drop.ExecuteNonQueryAsync(step.Next());
                _partitions.Forget(partition);
                said.Add($"dropped {partition.Name}");
            }
            catch (PostgresException busy) when (busy.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                said.Add($"{partition.Name} is being read and is dropped later");
            }
        }

        return said.Count == 0 ? null : string.Join(", ", said);
    }

    private async Task<string?> DropChunksAsync(NpgsqlConnection connection, long cut, CancellationToken cancellation)
    {
        if (cut == long.MinValue) return null;
        Volatile.Write(ref _rawFrom, cut);
        const string SchemaSql = "SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'timescaledb'";
        await using var where = new NpgsqlCommand(SchemaSql, connection);
        var schema = (string)(await where.ExecuteScalarAsync(cancellation))!;
        await using var drop = new NpgsqlCommand($"SELECT /* datalayer:expire */ count(*) FROM {schema}.drop_chunks('datalayer.sample', older_than => $1::timestamptz)", connection);
        drop.Parameters.Add(new NpgsqlParameter<long> { TypedValue = PostgresTime.Clamp(cut), NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz });
        var count = (long)(await drop.ExecuteScalarAsync(cancellation))!;
        return count == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"dropped {count} chunks");
    }

    // One of the feeder's calls: on a connection of the pool; faults become health and EngineException. After one, all that this program believes of the server is read again.
    private async Task RunAsync(string task, bool isContent, Func<NpgsqlConnection, CancellationToken, Task> call, CancellationToken cancellation)
    {
        try
        {
            using var step = new PostgresStep(_options.Timeout, cancellation);
            await using var lease = await _pool.RentAsync(step.Next());
            if (_mustReload && _partitions is not null) await _partitions.LoadAsync(lease.Connection, step.Next());
            _mustReload = false;
            await call(lease.Connection, cancellation);
            Volatile.Write(ref _health, EngineHealth.Healthy);
        }
        catch (Exception) when (cancellation.IsCancellationRequested)
        {
            _mustReload = true;
            throw new OperationCanceledException(cancellation);
        }
        catch (Exception fault)
        {
            _mustReload = true;
            var said = _faults.Of(fault, task, isContent);
            if (said.IsTransient) _pool.Clear();
            if (said is not RefusedSamplesException) Volatile.Write(ref _health, new EngineHealth(said.IsTransient ? EngineState.Degraded : EngineState.Failed, said.Message));
            throw said;
        }
    }

    private long NowMicros() => _context.Time.GetUtcNow().UtcTicks / TimeSpan.TicksPerMicrosecond - (DateTimeOffset.UnixEpoch.UtcTicks / TimeSpan.TicksPerMicrosecond);
}
