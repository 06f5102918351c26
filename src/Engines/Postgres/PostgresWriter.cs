using System.Data;
using DataLayer.Ingest.Records;
using Npgsql;
using NpgsqlTypes;

namespace DataLayer.Engines.Postgres;

/// <summary>
/// Stores batches: each in one transaction with the position. What is later than its series' base time goes straight into the table; the rest is merged. Of two rows for one series and
/// time the one with the greater version stays: the batch's last LSN, and above it the number of the source, so that a log that begins anew comes after the one before. Owned by the feeder's calls.
/// </summary>
internal sealed class PostgresWriter(PostgresPartitions? partitions, PostgresSeries series, PostgresSettings settings, string source, TimeSpan timeout)
{
    // 2^48 records: at a million a second nine years.
    private const int LsnBits = 48;

    private const string CopySql = $"COPY datalayer.sample ({PostgresRows.Columns}) FROM STDIN (FORMAT binary)";
    private const string CopyLateSql = $"COPY pg_temp.datalayer_late ({PostgresRows.Columns}) FROM STDIN (FORMAT binary)";

    // An ack of ours must mean that the samples survive a loss of power, whatever the role's default is.
    private const string LockSql = """
        SELECT /* datalayer:lock */ lsn, number, CASE current_setting('synchronous_commit') WHEN 'off' THEN set_config('synchronous_commit', 'on', true) END
        FROM datalayer.position WHERE source = $1 FOR UPDATE
        """;

    private const string MoveSql = """
        UPDATE /* datalayer:move */ datalayer.position SET lsn = $2, last_time = greatest(last_time, $3), updated = now() WHERE source = $1
        """;

    private const string LateSql = """
        CREATE TEMP TABLE IF NOT EXISTS datalayer_late (series bigint, time timestamptz, value float8, version bigint, quality real) ON COMMIT DELETE ROWS
        """;

    private const string MergeUniqueSql = $"""
        INSERT /* datalayer:merge */ INTO datalayer.sample AS s ({PostgresRows.Columns}) SELECT {PostgresRows.Columns} FROM pg_temp.datalayer_late
        ON CONFLICT (series, time) DO UPDATE SET value = excluded.value, version = excluded.version, quality = excluded.quality WHERE s.version < excluded.version
        """;

    // The bounds let PostgreSQL leave out partitions and, by the BRIN, most blocks of those that are left.
    private const string DeleteOlderSql = """
        DELETE /* datalayer:merge-delete */ FROM datalayer.sample s USING pg_temp.datalayer_late l
        WHERE s.series = l.series AND s.time = l.time AND s.version < l.version AND s.time >= $1 AND s.time <= $2
        """;

    private const string InsertAbsentSql = $"""
        INSERT /* datalayer:merge-insert */ INTO datalayer.sample ({PostgresRows.Columns}) SELECT {PostgresRows.Columns} FROM pg_temp.datalayer_late l
        WHERE NOT EXISTS (SELECT FROM datalayer.sample s WHERE s.series = l.series AND s.time = l.time AND s.time >= $1 AND s.time <= $2)
        """;

    private readonly SeriesColumns _columns = new();
    private readonly PostgresRows _fresh = new();
    private readonly PostgresRows _late = new();

    // Batches that begin before this LSN, and samples at or before this time, may be there although their base time says that they are not: parts of them were added, or the position was moved back.
    private long _doubtfulLsn;
    private long _doubtfulTime = long.MinValue;

    // Set when the server turns out to be at an earlier position than this program has moved it to.
    private long? _wentBackTo;

    /// <summary>Where the server was when it was last asked or moved.</summary>
    public long Position { get; set; }

    public long LastTime { get; set; } = long.MinValue;

    /// <summary>The number of the source; it stands above the LSN in versions.</summary>
    public int SourceNumber { get; set; }

    /// <summary>Stores a batch and moves the position; nothing where the server is there already.</summary>
    public async Task WriteAsync(NpgsqlConnection connection, ISampleSource batch, CancellationToken cancellation)
    {
        try
        {
            await StoreAsync(connection, batch, movesPosition: true, mergesAll: batch.AfterLsn < _doubtfulLsn, cancellation);
        }
        catch (PostgresException fault) when (PostgresFaults.IsDuplicate(fault))
        {
            await StoreAsync(connection, batch, movesPosition: true, mergesAll: true, cancellation); // Another writer stored some of it.
        }
    }

    public async Task AddAsync(NpgsqlConnection connection, ISampleSource samples, CancellationToken cancellation)
    {
        _doubtfulLsn = Math.Max(_doubtfulLsn, samples.EndLsn);
        await StoreAsync(connection, samples, movesPosition: false, mergesAll: true, cancellation);
    }

    public async Task MoveToAsync(NpgsqlConnection connection, long position, CancellationToken cancellation)
    {
        using var step = new PostgresStep(timeout, cancellation);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, step.Next());
        var before = await LockAsync(connection, step);
        await MoveAsync(connection, position, long.MinValue, step);
        await transaction.CommitAsync(step.Next());
        if (position < before) _doubtfulLsn = Math.Max(_doubtfulLsn, before);
        (Position, _wentBackTo) = (position, null);
    }

    private async Task StoreAsync(NpgsqlConnection connection, ISampleSource batch, bool movesPosition, bool mergesAll, CancellationToken cancellation)
    {
        using var step = new PostgresStep(timeout, cancellation);
        Encode(batch);
        if (partitions is { HasMissing: true }) await partitions.MakeAsync(connection, step.Next());
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, step.Next());
        var position = await LockAsync(connection, step);
        if (movesPosition)
        {
            Check(batch, position);
            if (position >= batch.EndLsn)
            {
                Position = position;
                return;
            }

            mergesAll |= position != Position || position > batch.AfterLsn; // Another writer was here, whose samples the base times do not know.
        }

        await series.InsertAsync(connection, step.Next());
        await CopyAsync(connection, mergesAll, step);
        var lastTime = Math.Max(_fresh.MaxTime, _late.MaxTime);
        if (!movesPosition) _doubtfulTime = Math.Max(_doubtfulTime, lastTime);
        await MoveAsync(connection, movesPosition ? batch.EndLsn : position, lastTime, step);
        await transaction.CommitAsync(step.Next());
        series.Committed();
        if (movesPosition) Position = batch.EndLsn;
        LastTime = Math.Max(LastTime, lastTime);
    }

    // A server that was restored from a backup, or whose position somebody else has moved back: going on would leave a gap for ever.
    private void Check(ISampleSource batch, long position)
    {
        if (position < Position)
        {
            _doubtfulLsn = Math.Max(_doubtfulLsn, Position);
            series.Forget();
            (Position, _wentBackTo) = (position, position);
        }

        if (_wentBackTo is not { } back) return;
        if (batch.AfterLsn > back)
        {
            throw new EngineException($"the server is at position {back}, before the batch that follows {batch.AfterLsn}: it was restored from a backup, or another daemon has rewound it. It is written again from there.", isTransient: true);
        }

        _wentBackTo = null;
    }

    private void Encode(ISampleSource batch)
    {
        if (batch.EndLsn >= 1L << LsnBits) throw new EngineException($"the position {batch.EndLsn} is greater than the versions of rows can be.", isTransient: false);
        var version = ((long)SourceNumber << LsnBits) | batch.EndLsn;
        _fresh.Clear();
        _late.Clear();
        series.BeginBatch();
        batch.Reset();
        while (batch.TryNext(_columns))
        {
            if (_columns.Count == 0) continue;
            var times = _columns.Times.AsSpan(0, _columns.Count);
            if (times[0] < PostgresTime.MinUnixMicros || times[^1] > PostgresTime.MaxUnixMicros) throw new RefusedSamplesException("a sample's time is outside of what PostgreSQL can hold, 4713 BC to 294276.");
            partitions?.Need(_columns);
            var id = series.Need(_columns.Series);
            var fresh = CountUpTo(times, Math.Max(_columns.BaseTime, _doubtfulTime));
            _late.Add(id, _columns, 0, fresh, version);
            _fresh.Add(id, _columns, fresh, _columns.Count, version);
        }
    }

    private async Task CopyAsync(NpgsqlConnection connection, bool mergesAll, PostgresStep step)
    {
        if (!mergesAll && _fresh.Count > 0) await _fresh.CopyAsync(connection, CopySql, null, step.Next());
        if (_late.Count == 0 && (!mergesAll || _fresh.Count == 0)) return;
        await ExecuteAsync(connection, LateSql, step);
        await _late.CopyAsync(connection, CopyLateSql, mergesAll ? _fresh : null, step.Next());
        if (settings.IsUnique)
        {
            await ExecuteAsync(connection, MergeUniqueSql, step);
            return;
        }

        // A plan for these very bounds each time: a generic one would not know how few partitions and blocks they are.
        await ExecuteAsync(connection, "SET LOCAL plan_cache_mode = force_custom_plan", step);
        var least = mergesAll ? Math.Min(_fresh.MinTime, _late.MinTime) : _late.MinTime;
        var greatest = mergesAll ? Math.Max(_fresh.MaxTime, _late.MaxTime) : _late.MaxTime;
        await ExecuteAsync(connection, DeleteOlderSql, step, Time(least), Time(greatest));
        await ExecuteAsync(connection, InsertAbsentSql, step, Time(least), Time(greatest));
    }

    private async Task<long> LockAsync(NpgsqlConnection connection, PostgresStep step)
    {
        await using var command = new NpgsqlCommand(LockSql, connection);
        command.Parameters.Add(new() { Value = source });
        await using var reader = await command.ExecuteReaderAsync(step.Next());
        if (!await reader.ReadAsync(step.Next())) throw new EngineException("its row in datalayer.position is gone. Open the engine again, or restore the row.", isTransient: false);
        SourceNumber = reader.GetInt32(1);
        return reader.GetInt64(0);
    }

    private async Task MoveAsync(NpgsqlConnection connection, long position, long lastTime, PostgresStep step)
    {
        var time = lastTime == long.MinValue ? new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz } : Time(lastTime);
        await ExecuteAsync(connection, MoveSql, step, new NpgsqlParameter { Value = source }, new NpgsqlParameter<long>() { TypedValue = position }, time);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, PostgresStep step, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        await command.ExecuteNonQueryAsync(step.Next());
    }

    private static NpgsqlParameter<long> Time(long unixMicros) => new NpgsqlParameter<long> { TypedValue = PostgresTime.Clamp(unixMicros), NpgsqlDbType = NpgsqlDbType.TimestampTz };

    /// <summary>How many of the ascending times are at or before this one.</summary>
    private static int CountUpTo(ReadOnlySpan<long> times, long last)
    {
        if (times[0] > last) return 0;
        if (times[^1] <= last) return times.Length;
        var found = times.BinarySearch(last);
        return found >= 0 ? found + 1 : ~found;
    }
}
